import CWire
public import Farm

extension Message {
    /// The first phase: from noise, or from a checkpoint, to finished latents.
    public struct DenoisingJob: Equatable, Sendable {
        /// S.
        public var steps: Int
        /// In steps; 0 for never.
        public var checkpointEvery: Int
        /// In steps; 0 for never.
        public var previewEvery: Int
        /// `nil` when the segment blends with nobody.
        public var predecessor: Predecessor?
        /// `nil` when it starts at step 0.
        public var resume: ResumePoint?

        /// Limits are checked when the message is encoded.
        public init(
            steps: Int, checkpointEvery: Int, previewEvery: Int, predecessor: Predecessor? = nil,
            resume: ResumePoint? = nil
        ) {
            self.steps = steps
            self.checkpointEvery = checkpointEvery
            self.previewEvery = previewEvery
            self.predecessor = predecessor
            self.resume = resume
        }
    }
}

extension Message.DenoisingJob: WireBody {
    init(reading form: Storyfarm__V1__DenoisingJob, _ field: FieldReader) throws(WireError) {
        self.init(
            steps: try field.integer(form.steps, "steps"),
            checkpointEvery: try field.integer(form.checkpoint_every, "checkpoint_every"),
            previewEvery: try field.integer(form.preview_every, "preview_every"),
            predecessor: try field.optionalBody(form.predecessor),
            resume: try field.optionalBody(form.resume))
    }

    func write(to form: inout Storyfarm__V1__DenoisingJob, _ put: FieldWriter) throws(WireError) {
        form.steps = try put.integer(steps, "steps")
        form.checkpoint_every = try put.integer(checkpointEvery, "checkpoint_every")
        form.preview_every = try put.integer(previewEvery, "preview_every")
        form.predecessor = try put.optionalBody(predecessor)
        form.resume = try put.optionalBody(resume)
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.range(steps, "steps", 2...WireLimits.steps)
        try field.range(checkpointEvery, "checkpoint_every", 0...WireLimits.steps)
        try field.range(previewEvery, "preview_every", 0...WireLimits.steps)
        try field.require(
            (resume?.step ?? 0) <= steps, "resume", found: "step \(resume?.step ?? 0)", expected: "at most \(steps)")
    }
}

extension Message {
    /// Whom a segment blends with, and where that one's boundaries are read.
    public struct Predecessor: Equatable, Sendable {
        /// The coordinator's data endpoint, a relay's, or the predecessor's worker's.
        public var endpoint: String
        /// That endpoint's CURVE key in Z85; empty when it is the coordinator's.
        public var serverKey: String
        /// The predecessor's stream in its current generation.
        public var stream: StreamID
        /// The predecessor's scene prompt.
        public var scene: String
        /// The predecessor's action prompt.
        public var action: String

        /// Limits are checked when the message is encoded.
        public init(endpoint: String, serverKey: String, stream: StreamID, scene: String, action: String) {
            self.endpoint = endpoint
            self.serverKey = serverKey
            self.stream = stream
            self.scene = scene
            self.action = action
        }
    }
}

extension Message.Predecessor: WireBody {
    init(reading form: Storyfarm__V1__Predecessor, _ field: FieldReader) throws(WireError) {
        self.init(
            endpoint: field.text(form.endpoint),
            serverKey: field.text(form.server_key),
            stream: try field.body(form.stream, "stream"),
            scene: field.text(form.scene),
            action: field.text(form.action))
    }

    func write(to form: inout Storyfarm__V1__Predecessor, _ put: FieldWriter) throws(WireError) {
        form.endpoint = put.text(endpoint)
        form.server_key = put.text(serverKey)
        form.stream = try put.body(stream)
        form.scene = put.text(scene)
        form.action = put.text(action)
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.text(endpoint, "endpoint", atMost: WireLimits.endpointBytes)
        try field.optionalText(serverKey, "server_key", atMost: WireLimits.keyBytes)
        try field.optionalText(scene, "scene", atMost: WireLimits.promptBytes)
        try field.optionalText(action, "action", atMost: WireLimits.promptBytes)
        try field.require(
            serverKey.isEmpty || serverKey.utf8.count == WireLimits.keyBytes, "server_key",
            found: "\(serverKey.utf8.count) bytes", expected: "\(WireLimits.keyBytes) bytes or none")
    }
}

extension Message {
    /// The checkpoint from which an attempt goes on; its worker fetches it.
    public struct ResumePoint: Equatable, Sendable {
        /// The step it enters.
        public var step: Int
        /// What to expect from ``Fetch``.
        public var checkpoint: Artifact
        /// What it was made of.
        public var consumed: Consumed

        /// Limits are checked when the message is encoded.
        public init(step: Int, checkpoint: Artifact, consumed: Consumed) {
            self.step = step
            self.checkpoint = checkpoint
            self.consumed = consumed
        }
    }
}

extension Message.ResumePoint: WireBody {
    init(reading form: Storyfarm__V1__ResumePoint, _ field: FieldReader) throws(WireError) {
        self.init(
            step: try field.integer(form.step, "step"),
            checkpoint: try field.body(form.checkpoint, "checkpoint"),
            consumed: try field.body(form.consumed, "consumed"))
    }

    func write(to form: inout Storyfarm__V1__ResumePoint, _ put: FieldWriter) throws(WireError) {
        form.step = try put.integer(step, "step")
        form.checkpoint = try put.body(checkpoint)
        form.consumed = try put.body(consumed)
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.range(step, "step", 0...WireLimits.steps)
    }
}
