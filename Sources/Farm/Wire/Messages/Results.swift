import CWire
public import Farm

extension Message {
    /// An attempt can go on from here. The file is the named transfer of the same connection.
    public struct Checkpoint: Equatable, Sendable {
        /// Whose report this is.
        public var attempt: AttemptID
        /// The step that the checkpoint enters.
        public var step: Int
        /// What its bytes depend on.
        public var consumed: Consumed
        /// Of the file, on this connection.
        public var transfer: UInt64
        /// Of the file.
        public var artifact: Artifact

        /// Limits are checked when the message is encoded.
        public init(attempt: AttemptID, step: Int, consumed: Consumed, transfer: UInt64, artifact: Artifact) {
            self.attempt = attempt
            self.step = step
            self.consumed = consumed
            self.transfer = transfer
            self.artifact = artifact
        }
    }
}

extension Message.Checkpoint: WireBody {
    init(reading form: Storyfarm__V1__Checkpoint, _ field: FieldReader) throws(WireError) {
        self.init(
            attempt: try field.body(form.attempt, "attempt"),
            step: try field.integer(form.step, "step"),
            consumed: try field.body(form.consumed, "consumed"),
            transfer: form.transfer,
            artifact: try field.body(form.artifact, "artifact"))
    }

    func write(to form: inout Storyfarm__V1__Checkpoint, _ put: FieldWriter) throws(WireError) {
        form.attempt = try put.body(attempt)
        form.step = try put.integer(step, "step")
        form.consumed = try put.body(consumed)
        form.transfer = transfer
        form.artifact = try put.body(artifact)
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.range(step, "step", 0...WireLimits.steps)
    }
}

extension Message {
    /// A segment's finished latents. Repeated until a ``Verdict``.
    public struct Denoised: Equatable, Sendable {
        /// Whose report this is.
        public var attempt: AttemptID
        /// Refused when it is not what the coordinator holds.
        public var consumed: Consumed
        /// Of the latents, on this connection.
        public var transfer: UInt64
        /// Of the latents.
        public var latents: Artifact
        /// Spent in steps by this attempt.
        public var steppingTime: Duration
        /// Spent waiting for boundaries by this attempt.
        public var waitTime: Duration

        /// Limits are checked when the message is encoded.
        public init(
            attempt: AttemptID, consumed: Consumed, transfer: UInt64, latents: Artifact, steppingTime: Duration,
            waitTime: Duration
        ) {
            self.attempt = attempt
            self.consumed = consumed
            self.transfer = transfer
            self.latents = latents
            self.steppingTime = steppingTime
            self.waitTime = waitTime
        }
    }
}

extension Message.Denoised: WireBody {
    init(reading form: Storyfarm__V1__Denoised, _ field: FieldReader) throws(WireError) {
        self.init(
            attempt: try field.body(form.attempt, "attempt"),
            consumed: try field.body(form.consumed, "consumed"),
            transfer: form.transfer,
            latents: try field.body(form.latents, "latents"),
            steppingTime: try field.duration(microseconds: form.stepping_us, "stepping_us"),
            waitTime: try field.duration(microseconds: form.waited_us, "waited_us"))
    }

    func write(to form: inout Storyfarm__V1__Denoised, _ put: FieldWriter) throws(WireError) {
        form.attempt = try put.body(attempt)
        form.consumed = try put.body(consumed)
        form.transfer = transfer
        form.latents = try put.body(latents)
        form.stepping_us = put.microseconds(steppingTime)
        form.waited_us = put.microseconds(waitTime)
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.duration(steppingTime, "stepping_us")
        try field.duration(waitTime, "waited_us")
    }
}

extension Message {
    /// A segment's encoded video. Repeated until a ``Verdict``.
    public struct Delivered: Equatable, Sendable {
        /// Whose report this is.
        public var attempt: AttemptID
        /// Of the video, on this connection.
        public var transfer: UInt64
        /// Of the video.
        public var video: Artifact
        /// Of the latents it was decoded from.
        public var latentsDigest: Digest
        /// The video encoder's build.
        public var encoder: String
        /// In the video.
        public var frames: Int
        /// Spent turning latents into frames.
        public var decodingTime: Duration
        /// Spent turning frames into video.
        public var encodingTime: Duration

        /// Limits are checked when the message is encoded.
        public init(
            attempt: AttemptID, transfer: UInt64, video: Artifact, latentsDigest: Digest, encoder: String, frames: Int,
            decodingTime: Duration, encodingTime: Duration
        ) {
            self.attempt = attempt
            self.transfer = transfer
            self.video = video
            self.latentsDigest = latentsDigest
            self.encoder = encoder
            self.frames = frames
            self.decodingTime = decodingTime
            self.encodingTime = encodingTime
        }
    }
}

extension Message.Delivered: WireBody {
    init(reading form: Storyfarm__V1__Delivered, _ field: FieldReader) throws(WireError) {
        self.init(
            attempt: try field.body(form.attempt, "attempt"),
            transfer: form.transfer,
            video: try field.body(form.video, "video"),
            latentsDigest: try field.digest(form.latents_digest, "latents_digest"),
            encoder: field.text(form.encoder),
            frames: try field.integer(form.frames, "frames"),
            decodingTime: try field.duration(microseconds: form.decoding_us, "decoding_us"),
            encodingTime: try field.duration(microseconds: form.encoding_us, "encoding_us"))
    }

    func write(to form: inout Storyfarm__V1__Delivered, _ put: FieldWriter) throws(WireError) {
        form.attempt = try put.body(attempt)
        form.transfer = transfer
        form.video = try put.body(video)
        form.latents_digest = put.bytes(latentsDigest.bytes)
        form.encoder = put.text(encoder)
        form.frames = try put.integer(frames, "frames")
        form.decoding_us = put.microseconds(decodingTime)
        form.encoding_us = put.microseconds(encodingTime)
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.text(encoder, "encoder", atMost: WireLimits.nameBytes)
        try field.range(frames, "frames", 1...WireLimits.frames)
        try field.duration(decodingTime, "decoding_us")
        try field.duration(encodingTime, "encoding_us")
    }
}
