import CWire
public import Farm

extension Message {
    /// A worker's file that need not travel: it lies in the folder that worker and coordinator share, under a name that
    /// follows from what is said here. Answered by a ``Message/Credit`` of all bytes, or a ``Message/TransferAborted``.
    public struct Deposit: Equatable, Sendable {
        /// Under whose lease.
        public var attempt: AttemptID
        /// Chosen by the worker.
        public var transfer: UInt64
        /// What it is; never a checkpoint.
        public var kind: TransferKind
        /// Length and SHA-256.
        public var artifact: Artifact

        /// Limits are checked when the message is encoded.
        public init(attempt: AttemptID, transfer: UInt64, kind: TransferKind, artifact: Artifact) {
            self.attempt = attempt
            self.transfer = transfer
            self.kind = kind
            self.artifact = artifact
        }
    }
}

extension Message.Deposit: WireBody {
    init(reading form: Storyfarm__V1__Deposit, _ field: FieldReader) throws(WireError) {
        self.init(
            attempt: try field.body(form.attempt, "attempt"),
            transfer: form.transfer,
            kind: try field.code(form.kind, "kind"),
            artifact: try field.body(form.artifact, "artifact"))
    }

    func write(to form: inout Storyfarm__V1__Deposit, _ put: FieldWriter) throws(WireError) {
        form.attempt = try put.body(attempt)
        form.transfer = transfer
        form.kind = put.code(kind)
        form.artifact = try put.body(artifact)
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.require(
            kind != .checkpoint, "kind", found: "a checkpoint", expected: "latents or a video")
    }
}
