import CWire
public import Farm

extension Message {
    /// A step is finished.
    public struct Progress: Equatable, Sendable {
        /// Whose report this is.
        public var attempt: AttemptID
        /// Steps finished.
        public var step: Int
        /// Of this step, waits excluded.
        public var stepTime: Duration
        /// Waited for a boundary before this step.
        public var waitTime: Duration
        /// Weight of the scene prompt in this step.
        public var sceneWeight: Float
        /// Standard deviation of latent frame 0's noise.
        public var noiseDeviation: Float
        /// A similarity was not finite and counted as 0.
        public var similarityDropped: Bool
        /// When present, the picture follows as one raw frame, on a data connection.
        public var preview: Preview?

        /// Limits are checked when the message is encoded.
        public init(
            attempt: AttemptID, step: Int, stepTime: Duration, waitTime: Duration, sceneWeight: Float,
            noiseDeviation: Float, similarityDropped: Bool, preview: Preview? = nil
        ) {
            self.attempt = attempt
            self.step = step
            self.stepTime = stepTime
            self.waitTime = waitTime
            self.sceneWeight = sceneWeight
            self.noiseDeviation = noiseDeviation
            self.similarityDropped = similarityDropped
            self.preview = preview
        }
    }
}

extension Message.Progress: WireBody {
    init(reading form: Storyfarm__V1__Progress, _ field: FieldReader) throws(WireError) {
        self.init(
            attempt: try field.body(form.attempt, "attempt"),
            step: try field.integer(form.step, "step"),
            stepTime: try field.duration(microseconds: form.step_us, "step_us"),
            waitTime: try field.duration(microseconds: form.waited_us, "waited_us"),
            sceneWeight: form.scene_weight,
            noiseDeviation: form.noise_deviation,
            similarityDropped: field.flag(form.similarity_dropped),
            preview: try field.optionalBody(form.preview))
    }

    func write(to form: inout Storyfarm__V1__Progress, _ put: FieldWriter) throws(WireError) {
        form.attempt = try put.body(attempt)
        form.step = try put.integer(step, "step")
        form.step_us = put.microseconds(stepTime)
        form.waited_us = put.microseconds(waitTime)
        form.scene_weight = sceneWeight
        form.noise_deviation = noiseDeviation
        form.similarity_dropped = put.flag(similarityDropped)
        form.preview = try put.optionalBody(preview)
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.range(step, "step", 0...WireLimits.steps)
        try field.duration(stepTime, "step_us")
        try field.duration(waitTime, "waited_us")
        try field.range(sceneWeight, "scene_weight", 0...1)
        try field.range(noiseDeviation, "noise_deviation", 0...1000)
    }
}

extension Message {
    /// A picture of what a step expects the segment to become.
    public struct Preview: Equatable, Sendable {
        /// Of the raw frame that follows.
        public var bytes: Int
        /// A preview of unknown format is not shown.
        public var format: Open<PreviewFormat>
        /// In pixels.
        public var width: Int
        /// In pixels.
        public var height: Int

        /// Limits are checked when the message is encoded.
        public init(bytes: Int, format: Open<PreviewFormat>, width: Int, height: Int) {
            self.bytes = bytes
            self.format = format
            self.width = width
            self.height = height
        }
    }
}

extension Message.Preview: WireBody {
    init(reading form: Storyfarm__V1__Preview, _ field: FieldReader) throws(WireError) {
        self.init(
            bytes: try field.integer(form.bytes, "bytes"),
            format: try field.code(form.format, "format"),
            width: try field.integer(form.width, "width"),
            height: try field.integer(form.height, "height"))
    }

    func write(to form: inout Storyfarm__V1__Preview, _ put: FieldWriter) throws(WireError) {
        form.bytes = try put.integer(bytes, "bytes")
        form.format = put.code(format)
        form.width = try put.integer(width, "width")
        form.height = try put.integer(height, "height")
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.range(bytes, "bytes", 1...WireLimits.previewBytes)
        try field.code(format, "format")
        try field.range(width, "width", 1...WireLimits.previewSide)
        try field.range(height, "height", 1...WireLimits.previewSide)
    }
}

extension Message {
    /// How a preview is encoded.
    public enum PreviewFormat: Int32, CaseIterable, Sendable {
        /// JPEG.
        case jpeg = 1
        /// PNG.
        case png
    }
}
