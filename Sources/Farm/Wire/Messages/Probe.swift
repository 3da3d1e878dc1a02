import CWire
public import Farm

extension Message {
    /// Renders something known on a device that was set aside.
    public struct Probe: Equatable, Sendable {
        /// ``Probed`` repeats it.
        public var number: UInt64
        /// What to render, as a story's first segment; only its latents count.
        public var recipe: Recipe

        /// Limits are checked when the message is encoded.
        public init(number: UInt64, recipe: Recipe) {
            self.number = number
            self.recipe = recipe
        }
    }
}

extension Message.Probe: WireBody {
    init(reading form: Storyfarm__V1__Probe, _ field: FieldReader) throws(WireError) {
        self.init(
            number: form.number,
            recipe: try field.body(form.recipe, "recipe"))
    }

    func write(to form: inout Storyfarm__V1__Probe, _ put: FieldWriter) throws(WireError) {
        form.number = number
        form.recipe = try put.body(recipe)
    }

    func check(_ field: FieldCheck) throws(WireError) {}
}

extension Message {
    /// What came out of a ``Probe``.
    public struct Probed: Equatable, Sendable {
        /// Of the probe.
        public var number: UInt64
        /// Of the finished latents; `nil` when the probe failed.
        public var digest: Digest?
        /// Why it failed.
        public var detail: Detail

        /// Limits are checked when the message is encoded.
        public init(number: UInt64, digest: Digest? = nil, detail: Detail) {
            self.number = number
            self.digest = digest
            self.detail = detail
        }
    }
}

extension Message.Probed: WireBody {
    init(reading form: Storyfarm__V1__Probed, _ field: FieldReader) throws(WireError) {
        self.init(
            number: form.number,
            digest: try field.optionalDigest(form.digest, "digest"),
            detail: try field.detail(form.detail, "detail"))
    }

    func write(to form: inout Storyfarm__V1__Probed, _ put: FieldWriter) throws(WireError) {
        form.number = number
        form.digest = put.bytes(digest?.bytes ?? [])
        form.detail = put.text(detail.text)
    }

    func check(_ field: FieldCheck) throws(WireError) {
    }
}
