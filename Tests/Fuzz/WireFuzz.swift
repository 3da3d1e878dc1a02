import Wire
import WireSamples

/// Every message's decoder under random and mutated inputs.
///
/// An input must be refused, or give a message that can be sent again and comes back equal; and protobuf-c must stay
/// within its budget, give everything back, and never refuse what the scan before it let pass. What the address
/// sanitizer finds ends the process by itself.
struct WireFuzz {
    let seed: UInt64
    let count: Int
    /// One and a half times what a decoder accepts, so that inputs can be too long.
    private let guarded = GuardedInput(capacity: WireLimits.messageBytes * 3 / 2)

    init(seed: UInt64, count: Int) {
        self.seed = seed
        self.count = count
    }

    private struct Tally {
        var decoded = 0
        /// By the scan, before anything was allocated.
        var refusedUnread = 0
        /// For what was read.
        var refusedRead = 0
        var peakBytes = 0
        var violations = 0
    }

    /// Prints one line per kind of message.
    ///
    /// - Returns: the number of violations.
    func run() -> Int {
        var sum = Tally()
        for (index, kind) in MessageSampler.kinds.enumerated() {
            let tally = fuzz(kind, seed: seed &+ UInt64(index))
            print("  \(kind): \(Self.line(tally))")
            sum.decoded += tally.decoded
            sum.refusedUnread += tally.refusedUnread
            sum.refusedRead += tally.refusedRead
            sum.peakBytes = max(sum.peakBytes, tally.peakBytes)
            sum.violations += tally.violations
        }
        print("Wire, \(MessageSampler.kinds.count) decoders: \(Self.line(sum)) of \(WireLimits.unpackedBytes) allowed")
        return sum.violations
    }

    private static func line(_ tally: Tally) -> String {
        "\(tally.decoded) decoded, \(tally.refusedUnread) refused unread, \(tally.refusedRead) refused as read, "
            + "peak \(tally.peakBytes) bytes"
    }

    private func fuzz(_ kind: MessageSampler.Kind, seed: UInt64) -> Tally {
        var sampler = MessageSampler(seed: seed)
        let own = (0..<32).compactMap { _ in try? kind.draw(&sampler).encoded() }
        let others = MessageSampler.kinds.compactMap { try? $0.draw(&sampler).encoded() }
        precondition(own.count == 32 && others.count == MessageSampler.kinds.count, "a sample cannot be encoded")
        // Own encodings weigh twice as much as all others together.
        var mutator = Mutator(
            generator: sampler.generator, corpus: own + own + others, prefix: Array(own[0].prefix(Self.headerBytes)))
        var tally = Tally()
        for number in 0..<count { judge(mutator.input(), of: kind, number: number, &tally) }
        return tally
    }

    /// The version and the body's tag, which takes two bytes from field 16 on.
    private static let headerBytes = 4

    private func judge(_ input: [UInt8], of kind: MessageSampler.Kind, number: Int, _ tally: inout Tally) {
        let (result, cost) = Message.decodeMeasured(guarded.place(input))
        tally.peakBytes = max(tally.peakBytes, cost.peakBytes)
        var violation: String?
        if cost.peakBytes > WireLimits.unpackedBytes { violation = "\(cost.peakBytes) bytes held" }
        if cost.leakedBytes != 0 { violation = "\(cost.leakedBytes) bytes leaked" }
        if cost.refusedAllocations != 0 { violation = "the budget was needed" }
        switch result {
        case .failure(let error):
            if cost.peakBytes == 0 { tally.refusedUnread += 1 } else { tally.refusedRead += 1 }
            if error.reason == .unpackingFailed { violation = "protobuf-c refused what was scanned" }
        case .success(let message):
            tally.decoded += 1
            if !comesBackEqual(message) { violation = "decoded to what cannot be sent" }
        }
        guard let violation else { return }
        tally.violations += 1
        let hex = input.prefix(400).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        print("VIOLATION \(kind) input \(number): \(violation): \(hex)")
    }

    private func comesBackEqual(_ message: Message) -> Bool {
        guard let bytes = try? message.encoded(), let again = try? Message(decoding: bytes) else { return false }
        return again == message
    }
}
