import CWire
public import Farm

extension Message {
    /// A lease as its worker sees it.
    public struct Held: Equatable, Sendable {
        /// The attempt under that lease.
        public var attempt: AttemptID
        /// What the lease allows.
        public var phase: LeasePhase
        /// What the worker does right now.
        public var activity: Activity
        /// Steps finished.
        public var step: Int
        /// For how long the activity has lasted; whole microseconds.
        public var activityTime: Duration

        /// Limits are checked when the message is encoded.
        public init(attempt: AttemptID, phase: LeasePhase, activity: Activity, step: Int, activityTime: Duration) {
            self.attempt = attempt
            self.phase = phase
            self.activity = activity
            self.step = step
            self.activityTime = activityTime
        }
    }
}

extension Message.Held: WireBody {
    init(reading form: Storyfarm__V1__Held, _ field: FieldReader) throws(WireError) {
        self.init(
            attempt: try field.body(form.attempt, "attempt"),
            phase: try field.code(form.phase, "phase"),
            activity: try field.code(form.activity, "activity"),
            step: try field.integer(form.step, "step"),
            activityTime: try field.duration(microseconds: form.activity_us, "activity_us"))
    }

    func write(to form: inout Storyfarm__V1__Held, _ put: FieldWriter) throws(WireError) {
        form.attempt = try put.body(attempt)
        form.phase = put.code(phase)
        form.activity = put.code(activity)
        form.step = try put.integer(step, "step")
        form.activity_us = put.microseconds(activityTime)
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.range(step, "step", 0...WireLimits.steps)
        try field.duration(activityTime, "activity_us")
    }
}

extension Message {
    /// What a worker does under a lease. It tells a hang from a wait, so it is closed.
    public enum Activity: Int32, CaseIterable, Sendable {
        /// Loads the model; has its own, longer limit.
        case loading = 1
        /// Waits for a boundary; neither a hang nor a retry.
        case waiting
        /// Denoises.
        case stepping
        /// Writes or sends a checkpoint or the latents.
        case saving
        /// Turns latents into frames.
        case decoding
        /// Turns frames into video.
        case encoding
        /// Sends the video, or waits for the verdict.
        case uploading
    }
}

extension Message.Activity: WireCode {}
