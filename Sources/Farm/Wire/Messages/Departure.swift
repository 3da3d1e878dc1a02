import CWire

extension Message {
    /// From the coordinator: stop at the next step boundary, then leave. From a worker or node: give me nothing more.
    public struct Drain: Equatable, Sendable {
        /// Why.
        public var reason: Open<DrainReason>
        /// How long until it is stopped by force; zero when it is not.
        public var grace: Duration

        /// Limits are checked when the message is encoded.
        public init(reason: Open<DrainReason>, grace: Duration) {
            self.reason = reason
            self.grace = grace
        }
    }
}

extension Message.Drain: WireBody {
    init(reading form: Storyfarm__V1__Drain, _ field: FieldReader) throws(WireError) {
        self.init(
            reason: try field.code(form.reason, "reason"),
            grace: try field.duration(microseconds: form.grace_us, "grace_us"))
    }

    func write(to form: inout Storyfarm__V1__Drain, _ put: FieldWriter) throws(WireError) {
        form.reason = put.code(reason)
        form.grace_us = put.microseconds(grace)
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.code(reason, "reason")
        try field.duration(grace, "grace_us")
    }
}

extension Message {
    /// Why a worker or node empties itself.
    public enum DrainReason: Int32, CaseIterable, Sendable {
        /// Somebody asked for it.
        case `operator` = 1
        /// The node shall run fewer workers.
        case scale
        /// The machine is about to be taken away.
        case preemption
        /// The device failed too often.
        case setAside
        /// The process was told to end.
        case shutdown
    }
}

extension Message {
    /// The last message of a connection.
    public struct Bye: Equatable, Sendable {
        /// Why it ends.
        public var reason: Open<ByeReason>
        /// For people.
        public var detail: Detail

        /// Limits are checked when the message is encoded.
        public init(reason: Open<ByeReason>, detail: Detail) {
            self.reason = reason
            self.detail = detail
        }
    }
}

extension Message.Bye: WireBody {
    init(reading form: Storyfarm__V1__Bye, _ field: FieldReader) throws(WireError) {
        self.init(
            reason: try field.code(form.reason, "reason"),
            detail: try field.detail(form.detail, "detail"))
    }

    func write(to form: inout Storyfarm__V1__Bye, _ put: FieldWriter) throws(WireError) {
        form.reason = put.code(reason)
        form.detail = put.text(detail.text)
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.code(reason, "reason")
    }
}

extension Message {
    /// Why a connection ends.
    public enum ByeReason: Int32, CaseIterable, Sendable {
        /// Drained, and nothing is held any more.
        case drained = 1
        /// The process ends now; what it held may run elsewhere at once.
        case stopped
        /// The process cannot go on.
        case broken
        /// The other side sent what it must not.
        case `protocol`
        /// A newer connection of the same process took over.
        case replaced
    }
}
