import CWire
public import Farm

extension Message {
    /// One piece of a transfer, in order and without gaps. One raw frame follows.
    public struct Chunk: Equatable, Sendable {
        /// Whose file it is, in both directions.
        public var attempt: AttemptID
        /// Chosen by the worker, for uploads and downloads alike; unique on its connection.
        public var transfer: UInt64
        /// What is transferred.
        public var kind: TransferKind
        /// Of the raw frame in the file.
        public var offset: Int
        /// Length of the file.
        public var total: Int
        /// Of the raw frame.
        public var bytes: Int
        /// SHA-256 of the file: in its last chunk, and only there.
        public var digest: Digest?

        /// Whether the file ends with this chunk.
        public var isLast: Bool { offset + bytes == total }

        /// Limits are checked when the message is encoded.
        public init(
            attempt: AttemptID, transfer: UInt64, kind: TransferKind, offset: Int, total: Int, bytes: Int,
            digest: Digest? = nil
        ) {
            self.attempt = attempt
            self.transfer = transfer
            self.kind = kind
            self.offset = offset
            self.total = total
            self.bytes = bytes
            self.digest = digest
        }
    }
}

extension Message.Chunk: WireBody {
    init(reading form: Storyfarm__V1__Chunk, _ field: FieldReader) throws(WireError) {
        self.init(
            attempt: try field.body(form.attempt, "attempt"),
            transfer: form.transfer,
            kind: try field.code(form.kind, "kind"),
            offset: try field.integer(form.offset, "offset"),
            total: try field.integer(form.total, "total"),
            bytes: try field.integer(form.bytes, "bytes"),
            digest: try field.optionalDigest(form.digest, "digest"))
    }

    func write(to form: inout Storyfarm__V1__Chunk, _ put: FieldWriter) throws(WireError) {
        form.attempt = try put.body(attempt)
        form.transfer = transfer
        form.kind = put.code(kind)
        form.offset = try put.integer(offset, "offset")
        form.total = try put.integer(total, "total")
        form.bytes = try put.integer(bytes, "bytes")
        form.digest = put.bytes(digest?.bytes ?? [])
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.range(offset, "offset", 0...WireLimits.transferBytes)
        try field.range(total, "total", 1...WireLimits.transferBytes)
        try field.range(bytes, "bytes", 1...WireLimits.chunkBytes)
        let left = total - offset
        try field.require(
            bytes <= left, "bytes", found: "\(bytes) bytes", expected: "at most the \(left) that are left")
        try field.require(
            isLast == (digest != nil), "digest", found: digest == nil ? "none" : "one before the end",
            expected: "one in the last chunk only")
    }
}

extension Message {
    /// The receiver has written so many bytes of a transfer and takes as many more; those of the last chunk it has made
    /// durable, with the file.
    public struct Credit: Equatable, Sendable {
        /// Which one.
        public var transfer: UInt64
        /// In addition to earlier credit.
        public var bytes: Int

        /// Limits are checked when the message is encoded.
        public init(transfer: UInt64, bytes: Int) {
            self.transfer = transfer
            self.bytes = bytes
        }
    }
}

extension Message.Credit: WireBody {
    init(reading form: Storyfarm__V1__Credit, _ field: FieldReader) throws(WireError) {
        self.init(
            transfer: form.transfer,
            bytes: try field.integer(form.bytes, "bytes"))
    }

    func write(to form: inout Storyfarm__V1__Credit, _ put: FieldWriter) throws(WireError) {
        form.transfer = transfer
        form.bytes = try put.integer(bytes, "bytes")
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.range(bytes, "bytes", 1...WireLimits.transferBytes)
    }
}

extension Message {
    /// A worker asks for the file that its lease names; chunks come under the number it chose.
    public struct Fetch: Equatable, Sendable {
        /// Under whose lease.
        public var attempt: AttemptID
        /// Chosen by the worker.
        public var transfer: UInt64
        /// Which file.
        public var kind: TransferKind
        /// Bytes that may be sent at once.
        public var credit: Int

        /// Limits are checked when the message is encoded.
        public init(attempt: AttemptID, transfer: UInt64, kind: TransferKind, credit: Int) {
            self.attempt = attempt
            self.transfer = transfer
            self.kind = kind
            self.credit = credit
        }
    }
}

extension Message.Fetch: WireBody {
    init(reading form: Storyfarm__V1__Fetch, _ field: FieldReader) throws(WireError) {
        self.init(
            attempt: try field.body(form.attempt, "attempt"),
            transfer: form.transfer,
            kind: try field.code(form.kind, "kind"),
            credit: try field.integer(form.credit, "credit"))
    }

    func write(to form: inout Storyfarm__V1__Fetch, _ put: FieldWriter) throws(WireError) {
        form.attempt = try put.body(attempt)
        form.transfer = transfer
        form.kind = put.code(kind)
        form.credit = try put.integer(credit, "credit")
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.range(credit, "credit", 1...WireLimits.transferBytes)
    }
}

extension Message {
    /// Either side gives a transfer up; the number is free again.
    public struct TransferAborted: Equatable, Sendable {
        /// Which one.
        public var transfer: UInt64
        /// Why.
        public var reason: Open<AbortReason>
        /// For people.
        public var detail: Detail

        /// Limits are checked when the message is encoded.
        public init(transfer: UInt64, reason: Open<AbortReason>, detail: Detail) {
            self.transfer = transfer
            self.reason = reason
            self.detail = detail
        }
    }
}

extension Message.TransferAborted: WireBody {
    init(reading form: Storyfarm__V1__TransferAborted, _ field: FieldReader) throws(WireError) {
        self.init(
            transfer: form.transfer,
            reason: try field.code(form.reason, "reason"),
            detail: try field.detail(form.detail, "detail"))
    }

    func write(to form: inout Storyfarm__V1__TransferAborted, _ put: FieldWriter) throws(WireError) {
        form.transfer = transfer
        form.reason = put.code(reason)
        form.detail = put.text(detail.text)
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.code(reason, "reason")
    }
}
