import CWire
public import Farm

extension Message {
    /// An attempt ended without a result. Repeated until a ``Verdict``.
    public struct Failed: Equatable, Sendable {
        /// Whose report this is.
        public var attempt: AttemptID
        /// Of the lease.
        public var phase: LeasePhase
        /// In the engine's own judgement.
        public var failureClass: FailureClass
        /// What the engine said.
        public var detail: Detail
        /// Steps finished; a non-finite value appeared in the next one.
        public var step: Int
        /// 0 unless memory ran out.
        public var neededBytes: Int
        /// 0 unless memory ran out.
        public var availableBytes: Int

        /// Limits are checked when the message is encoded.
        public init(
            attempt: AttemptID, phase: LeasePhase, failureClass: FailureClass, detail: Detail, step: Int,
            neededBytes: Int, availableBytes: Int
        ) {
            self.attempt = attempt
            self.phase = phase
            self.failureClass = failureClass
            self.detail = detail
            self.step = step
            self.neededBytes = neededBytes
            self.availableBytes = availableBytes
        }
    }
}

extension Message.Failed: WireBody {
    init(reading form: Storyfarm__V1__Failed, _ field: FieldReader) throws(WireError) {
        self.init(
            attempt: try field.body(form.attempt, "attempt"),
            phase: try field.code(form.phase, "phase"),
            failureClass: try field.code(form.failure_class, "failure_class"),
            detail: try field.detail(form.detail, "detail"),
            step: try field.integer(form.step, "step"),
            neededBytes: try field.integer(form.needed_bytes, "needed_bytes"),
            availableBytes: try field.integer(form.available_bytes, "available_bytes"))
    }

    func write(to form: inout Storyfarm__V1__Failed, _ put: FieldWriter) throws(WireError) {
        form.attempt = try put.body(attempt)
        form.phase = put.code(phase)
        form.failure_class = put.code(failureClass)
        form.detail = put.text(detail.text)
        form.step = try put.integer(step, "step")
        form.needed_bytes = try put.integer(neededBytes, "needed_bytes")
        form.available_bytes = try put.integer(availableBytes, "available_bytes")
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.range(step, "step", 0...WireLimits.steps)
        try field.range(neededBytes, "needed_bytes", 0...)
        try field.range(availableBytes, "available_bytes", 0...)
    }
}
