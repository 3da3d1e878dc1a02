import CWire
public import Farm

extension Message {
    /// The models that a worker can render with; replaces its earlier offer.
    public struct Offer: Equatable, Sendable {
        /// Empty while it has none.
        public var models: [Model]

        /// Limits are checked when the message is encoded.
        public init(models: [Model]) {
            self.models = models
        }
    }
}

extension Message.Offer: WireBody {
    init(reading form: Storyfarm__V1__Offer, _ field: FieldReader) throws(WireError) {
        self.init(
            models: try field.list(form.models, count: form.n_models, "models"))
    }

    func write(to form: inout Storyfarm__V1__Offer, _ put: FieldWriter) throws(WireError) {
        (form.models, form.n_models) = try put.list(models)
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.count(models.count, "models", atMost: WireLimits.models)
    }
}

extension Message {
    /// One model folder.
    public struct Model: Equatable, Sendable {
        /// As stories name it.
        public var name: String
        /// Of all its weights and settings that count.
        public var digest: Digest
        /// The text of its `storyfarm.json`; empty when the folder has none.
        public var settings: String
        /// What its weights take on the device.
        public var weightBytes: Int

        /// Limits are checked when the message is encoded.
        public init(name: String, digest: Digest, settings: String, weightBytes: Int) {
            self.name = name
            self.digest = digest
            self.settings = settings
            self.weightBytes = weightBytes
        }
    }
}

extension Message.Model: WireBody {
    init(reading form: Storyfarm__V1__Model, _ field: FieldReader) throws(WireError) {
        self.init(
            name: field.text(form.name),
            digest: try field.digest(form.digest, "digest"),
            settings: field.text(form.settings),
            weightBytes: try field.integer(form.weight_bytes, "weight_bytes"))
    }

    func write(to form: inout Storyfarm__V1__Model, _ put: FieldWriter) throws(WireError) {
        form.name = put.text(name)
        form.digest = put.bytes(digest.bytes)
        form.settings = put.text(settings)
        form.weight_bytes = try put.integer(weightBytes, "weight_bytes")
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.text(name, "name", atMost: WireLimits.nameBytes)
        try field.optionalText(settings, "settings", atMost: WireLimits.settingsBytes)
        try field.range(weightBytes, "weight_bytes", 0...)
    }
}
