import Farm
public import Wire

extension MessageSampler {
    /// One kind of message and how to draw it.
    public struct Kind: Sendable, CustomStringConvertible {
        /// The case of ``Message``.
        public let description: String
        /// Draws one that can be encoded.
        public let draw: @Sendable (inout MessageSampler) -> Message
    }

    /// Every case of ``Message``, once.
    public static let kinds: [Kind] = [
        Kind(description: "hello") { .hello($0.hello()) },
        Kind(description: "attach") { .attach(.init(secret: $0.secret())) },
        Kind(description: "welcome") { .welcome($0.welcome()) },
        Kind(description: "refused") { .refused($0.refused()) },
        Kind(description: "heartbeat") { .heartbeat($0.heartbeat()) },
        Kind(description: "heartbeatAnswer") { .heartbeatAnswer(.init(number: $0.number(), epoch: $0.number())) },
        Kind(description: "offer") { .offer($0.offer()) },
        Kind(description: "drain") {
            .drain(.init(reason: $0.open(Message.DrainReason.self), grace: $0.duration()))
        },
        Kind(description: "bye") { .bye(.init(reason: $0.open(Message.ByeReason.self), detail: $0.detail())) },
        Kind(description: "leaseGrant") { .leaseGrant($0.leaseGrant()) },
        Kind(description: "recall") { .recall($0.recall()) },
        Kind(description: "release") { .release($0.release()) },
        Kind(description: "probe") { .probe(.init(number: $0.number(), recipe: $0.recipe())) },
        Kind(description: "probed") { .probed($0.probed()) },
        Kind(description: "progress") { .progress($0.progress()) },
        Kind(description: "checkpoint") { .checkpoint($0.checkpoint()) },
        Kind(description: "denoised") { .denoised($0.denoised()) },
        Kind(description: "delivered") { .delivered($0.delivered()) },
        Kind(description: "failed") { .failed($0.failed()) },
        Kind(description: "verdict") { .verdict($0.verdict()) },
        Kind(description: "boundaryAppend") { .boundaryAppend($0.boundaryAppend()) },
        Kind(description: "boundaryStored") { .boundaryStored(.init(stream: $0.stream(), step: $0.step())) },
        Kind(description: "boundaryRead") { .boundaryRead($0.boundaryRead()) },
        Kind(description: "boundaryRecord") { .boundaryRecord($0.boundaryRecord()) },
        Kind(description: "boundarySuperseded") {
            .boundarySuperseded(.init(reader: $0.attempt(), stream: $0.stream(), fromStep: $0.step()))
        },
        Kind(description: "boundaryWanted") { .boundaryWanted(.init(attempt: $0.attempt(), fromStep: $0.step())) },
        Kind(description: "chunk") { .chunk($0.chunk()) },
        Kind(description: "credit") { .credit(.init(transfer: $0.number(), bytes: $0.transferBytes())) },
        Kind(description: "fetch") { .fetch($0.fetch()) },
        Kind(description: "transferAborted") { .transferAborted($0.transferAborted()) },
        Kind(description: "deposit") { .deposit($0.deposit()) },
        Kind(description: "nodeHello") { .nodeHello($0.nodeHello()) },
        Kind(description: "want") {
            .want(
                .init(
                    revision: $0.number(), workers: $0.integer(0...WireLimits.nodeWorkers),
                    spares: $0.list(atMost: WireLimits.nodeWorkers) { .init(process: $0.integer(1...Int(UInt32.max))) })
            )
        },
        Kind(description: "nodeReport") { .nodeReport($0.nodeReport()) },
    ]
}
