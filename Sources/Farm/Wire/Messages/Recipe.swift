import CWire
public import Farm

extension Message {
    /// What to render, whichever phase it is in.
    public struct Recipe: Equatable, Sendable {
        /// As the story names it.
        public var model: String
        /// A worker whose model has another digest declines.
        public var modelDigest: Digest
        /// The story's settings with every default resolved, as JSON; opaque to the farm.
        public var settings: String
        /// The scene prompt.
        public var scene: String
        /// The action prompt.
        public var action: String
        /// The video encoder build that the story is pinned to; empty when it is not yet.
        public var encoder: String
        /// Of this segment's noise; a revised segment may have another than its story.
        public var noiseSeed: UInt64

        /// Limits are checked when the message is encoded.
        public init(
            model: String, modelDigest: Digest, settings: String, scene: String, action: String, encoder: String,
            noiseSeed: UInt64
        ) {
            self.model = model
            self.modelDigest = modelDigest
            self.settings = settings
            self.scene = scene
            self.action = action
            self.encoder = encoder
            self.noiseSeed = noiseSeed
        }
    }
}

extension Message.Recipe: WireBody {
    init(reading form: Storyfarm__V1__Recipe, _ field: FieldReader) throws(WireError) {
        self.init(
            model: field.text(form.model),
            modelDigest: try field.digest(form.model_digest, "model_digest"),
            settings: field.text(form.settings),
            scene: field.text(form.scene),
            action: field.text(form.action),
            encoder: field.text(form.encoder),
            noiseSeed: form.noise_seed)
    }

    func write(to form: inout Storyfarm__V1__Recipe, _ put: FieldWriter) throws(WireError) {
        form.model = put.text(model)
        form.model_digest = put.bytes(modelDigest.bytes)
        form.settings = put.text(settings)
        form.scene = put.text(scene)
        form.action = put.text(action)
        form.encoder = put.text(encoder)
        form.noise_seed = noiseSeed
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.text(model, "model", atMost: WireLimits.nameBytes)
        try field.text(settings, "settings", atMost: WireLimits.settingsBytes)
        try field.optionalText(scene, "scene", atMost: WireLimits.promptBytes)
        try field.optionalText(action, "action", atMost: WireLimits.promptBytes)
        try field.optionalText(encoder, "encoder", atMost: WireLimits.nameBytes)
    }
}
