import CWire
public import Farm

extension Message {
    /// The coordinator takes a lease back at the next step boundary, also while the worker waits for a boundary.
    public struct Recall: Equatable, Sendable {
        /// What to stop; a worker that no longer holds it ignores the recall.
        public var attempt: AttemptID
        /// For the log; the worker acts alike on all.
        public var reason: Open<RecallReason>
        /// Whether to send a checkpoint before the ``Release``.
        public var checkpoint: Bool

        /// Limits are checked when the message is encoded.
        public init(attempt: AttemptID, reason: Open<RecallReason>, checkpoint: Bool) {
            self.attempt = attempt
            self.reason = reason
            self.checkpoint = checkpoint
        }
    }
}

extension Message.Recall: WireBody {
    init(reading form: Storyfarm__V1__Recall, _ field: FieldReader) throws(WireError) {
        self.init(
            attempt: try field.body(form.attempt, "attempt"),
            reason: try field.code(form.reason, "reason"),
            checkpoint: field.flag(form.checkpoint))
    }

    func write(to form: inout Storyfarm__V1__Recall, _ put: FieldWriter) throws(WireError) {
        form.attempt = try put.body(attempt)
        form.reason = put.code(reason)
        form.checkpoint = put.flag(checkpoint)
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.code(reason, "reason")
    }
}

extension Message {
    /// A worker gives a lease back without a result. Repeated until a ``Verdict``.
    public struct Release: Equatable, Sendable {
        /// Whose report this is.
        public var attempt: AttemptID
        /// Of the lease.
        public var phase: LeasePhase
        /// Why; none of them uses up a retry.
        public var reason: Open<ReleaseReason>
        /// Steps finished; a checkpoint may be older.
        public var step: Int

        /// Limits are checked when the message is encoded.
        public init(attempt: AttemptID, phase: LeasePhase, reason: Open<ReleaseReason>, step: Int) {
            self.attempt = attempt
            self.phase = phase
            self.reason = reason
            self.step = step
        }
    }
}

extension Message.Release: WireBody {
    init(reading form: Storyfarm__V1__Release, _ field: FieldReader) throws(WireError) {
        self.init(
            attempt: try field.body(form.attempt, "attempt"),
            phase: try field.code(form.phase, "phase"),
            reason: try field.code(form.reason, "reason"),
            step: try field.integer(form.step, "step"))
    }

    func write(to form: inout Storyfarm__V1__Release, _ put: FieldWriter) throws(WireError) {
        form.attempt = try put.body(attempt)
        form.phase = put.code(phase)
        form.reason = put.code(reason)
        form.step = try put.integer(step, "step")
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.code(reason, "reason")
        try field.range(step, "step", 0...WireLimits.steps)
    }
}
