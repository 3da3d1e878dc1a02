import CWire
public import Farm

extension Message {
    /// The coordinator's answer to ``Checkpoint``, ``Denoised``, ``Delivered``, ``Failed`` and ``Release``.
    public struct Verdict: Equatable, Sendable {
        /// As in the report.
        public var attempt: AttemptID
        /// What is answered.
        public var report: FarmReport
        /// What became of it.
        public var outcome: ReportOutcome
        /// Of the checkpoint; 0 for other reports.
        public var step: Int
        /// For people.
        public var detail: Detail

        /// Limits are checked when the message is encoded.
        public init(attempt: AttemptID, report: FarmReport, outcome: ReportOutcome, step: Int, detail: Detail) {
            self.attempt = attempt
            self.report = report
            self.outcome = outcome
            self.step = step
            self.detail = detail
        }
    }
}

extension Message.Verdict: WireBody {
    init(reading form: Storyfarm__V1__Verdict, _ field: FieldReader) throws(WireError) {
        self.init(
            attempt: try field.body(form.attempt, "attempt"),
            report: try field.code(form.report, "report"),
            outcome: try field.code(form.outcome, "outcome"),
            step: try field.integer(form.step, "step"),
            detail: try field.detail(form.detail, "detail"))
    }

    func write(to form: inout Storyfarm__V1__Verdict, _ put: FieldWriter) throws(WireError) {
        form.attempt = try put.body(attempt)
        form.report = put.code(report)
        form.outcome = put.code(outcome)
        form.step = try put.integer(step, "step")
        form.detail = put.text(detail.text)
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.range(step, "step", 0...WireLimits.steps)
    }
}

// Both closed: a worker repeats a report until it understands the answer.
extension FarmReport: WireCode {}
extension ReportOutcome: WireCode {}
