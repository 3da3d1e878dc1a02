import Farm
import Storage

/// Which of its predecessor's boundaries an attempt has read, for the coordinator to compare with its log.
struct ConsumedRecords: Hashable, Sendable {
    private(set) var spans: [GenerationSpan] = []
    private var digest = RunningDigest()
    /// The last record that was read.
    private var last: Int?

    init() {}

    /// Goes on where a checkpoint left off.
    ///
    /// - Parameter read: the records that are read before its step.
    init(resuming consumed: Consumed, read: Range<Int>) {
        spans = consumed.spans
        digest = RunningDigest(resuming: consumed.digest)
        last = read.last
    }

    /// Counts a record, once however often it is used.
    mutating func add(_ step: Int, of generation: Generation, checksum: UInt64) {
        if let last, step <= last { return }
        last = step
        digest.add(step: UInt32(step), checksum: checksum)
        if spans.last?.generation != generation {
            spans.append(GenerationSpan(generation: generation, fromStep: step))
        }
    }

    var consumed: Consumed { Consumed(spans: spans, digest: digest.value) }
}
