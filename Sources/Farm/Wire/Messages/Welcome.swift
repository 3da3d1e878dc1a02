import CWire
public import Farm

extension Message {
    /// The coordinator accepts ``Hello``, ``Attach`` or ``NodeHello``.
    public struct Welcome: Equatable, Sendable {
        /// The id that the coordinator derived from the secret.
        public var peer: WorkerID
        /// Of the coordinator's present run; leases of earlier epochs may still be current.
        public var epoch: UInt64
        /// How often to send a heartbeat.
        public var heartbeatInterval: Duration
        /// Stop by yourself after so long without the coordinator.
        public var silenceLimit: Duration
        /// Where data connections go.
        public var dataEndpoint: String
        /// The coordinator's own version and build.
        public var build: String
        /// Bytes of each transfer that may be sent before the first ``Credit``.
        public var initialCredit: Int

        /// Limits are checked when the message is encoded.
        public init(
            peer: WorkerID, epoch: UInt64, heartbeatInterval: Duration, silenceLimit: Duration, dataEndpoint: String,
            build: String, initialCredit: Int
        ) {
            self.peer = peer
            self.epoch = epoch
            self.heartbeatInterval = heartbeatInterval
            self.silenceLimit = silenceLimit
            self.dataEndpoint = dataEndpoint
            self.build = build
            self.initialCredit = initialCredit
        }
    }
}

extension Message.Welcome: WireBody {
    init(reading form: Storyfarm__V1__Welcome, _ field: FieldReader) throws(WireError) {
        self.init(
            peer: try field.worker(form.peer, "peer"),
            epoch: form.epoch,
            heartbeatInterval: try field.duration(microseconds: form.heartbeat_us, "heartbeat_us"),
            silenceLimit: try field.duration(microseconds: form.silence_us, "silence_us"),
            dataEndpoint: field.text(form.data_endpoint),
            build: field.text(form.build),
            initialCredit: try field.integer(form.initial_credit, "initial_credit"))
    }

    func write(to form: inout Storyfarm__V1__Welcome, _ put: FieldWriter) throws(WireError) {
        form.peer = put.bytes(peer.bytes)
        form.epoch = epoch
        form.heartbeat_us = put.microseconds(heartbeatInterval)
        form.silence_us = put.microseconds(silenceLimit)
        form.data_endpoint = put.text(dataEndpoint)
        form.build = put.text(build)
        form.initial_credit = try put.integer(initialCredit, "initial_credit")
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.duration(heartbeatInterval, "heartbeat_us")
        try field.duration(silenceLimit, "silence_us")
        try field.text(dataEndpoint, "data_endpoint", atMost: WireLimits.endpointBytes)
        try field.text(build, "build", atMost: WireLimits.nameBytes)
        try field.range(initialCredit, "initial_credit", 1...Int(UInt32.max))
    }
}

extension Message {
    /// The coordinator does not talk to this peer, and closes the connection behind it.
    public struct Refused: Equatable, Sendable {
        /// What the peer did wrong.
        public var reason: Open<RefusalReason>
        /// For people.
        public var detail: Detail
        /// The lowest protocol version that the coordinator speaks.
        public var lowestVersion: UInt32
        /// The highest protocol version that the coordinator speaks.
        public var highestVersion: UInt32

        /// Limits are checked when the message is encoded.
        public init(reason: Open<RefusalReason>, detail: Detail, lowestVersion: UInt32, highestVersion: UInt32) {
            self.reason = reason
            self.detail = detail
            self.lowestVersion = lowestVersion
            self.highestVersion = highestVersion
        }
    }
}

extension Message.Refused: WireBody {
    init(reading form: Storyfarm__V1__Refused, _ field: FieldReader) throws(WireError) {
        self.init(
            reason: try field.code(form.reason, "reason"),
            detail: try field.detail(form.detail, "detail"),
            lowestVersion: form.lowest_version,
            highestVersion: form.highest_version)
    }

    func write(to form: inout Storyfarm__V1__Refused, _ put: FieldWriter) throws(WireError) {
        form.reason = put.code(reason)
        form.detail = put.text(detail.text)
        form.lowest_version = lowestVersion
        form.highest_version = highestVersion
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.code(reason, "reason")
    }
}

extension Message {
    /// Why a peer was turned away.
    public enum RefusalReason: Int32, CaseIterable, Sendable {
        /// It speaks another protocol version.
        case version = 1
        /// Its bytes were no message.
        case malformed
        /// The message is not one that this peer may send now.
        case outOfOrder
        /// Its key is not on the list.
        case notAdmitted
        /// Another living connection has the same secret.
        case alreadyConnected
        /// ``Attach`` with a secret that never said ``Hello``.
        case unknownPeer
        /// The farm's limit of workers or nodes is reached.
        case full
    }
}
