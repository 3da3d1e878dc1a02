/// The index of every boundary stream: who may write it, which records it holds, who waits for more of them.
///
/// Apart from ``FarmMachine``, because a record must not wait for anybody's disk: it is shown to its reader as soon as
/// it has been written to the log. No record itself is here, only its number and checksum.
public struct BoundaryExchange: Sendable {
    /// A record that the log holds.
    public struct Record: Hashable, Sendable {
        public let generation: Generation
        public let checksum: UInt64

        public init(generation: Generation, checksum: UInt64) {
            self.generation = generation
            self.checksum = checksum
        }
    }

    /// A record for a reader.
    public struct Delivery: Hashable, Sendable {
        public let reader: AttemptID
        public let stream: StreamID
        public let step: Int
        public let checksum: UInt64
    }

    /// What is to be done with a record that an attempt sends.
    public enum Admission: Hashable, Sendable {
        /// Write it to the log, then say so.
        case write
        /// It is there already, the same.
        case duplicate
        /// Not of the attempt that holds the lease.
        case stale
        /// Another one is there.
        case conflict
        /// One before it is missing.
        case gap(expected: Int)
    }

    /// What a reader gets.
    public enum Reading: Hashable, Sendable {
        /// As much as is there; the rest when it comes.
        case records([Delivery])
        /// The reader has read what is void: it must stop.
        case superseded(StreamID, from: Int)
        /// Not of the attempt that holds the lease.
        case stale
    }

    private struct Stream {
        var writer: AttemptID?
        var generations = SegmentRecord.untouched.generations
        /// By step, without gaps.
        var records: [Record] = []
        var reader: Reader?

        var generation: Generation { generations[generations.count - 1].generation }
    }

    private struct Reader {
        let attempt: AttemptID
        var next: Int
        /// The first step that it has not asked for.
        var end: Int
        /// The lowest step that found no way to it; until that is offered again, nothing is.
        var refused: Int?
    }

    private var streams: [SegmentID: Stream] = [:]

    public init() {}

    /// Steps that a segment's stream holds: `0..<head`.
    public func head(of segment: SegmentID) -> Int { streams[segment]?.records.count ?? 0 }

    public func record(of segment: SegmentID, at step: Int) -> Record? {
        guard let records = streams[segment]?.records, records.indices.contains(step) else { return nil }
        return records[step]
    }

    /// Where a segment's record of a step belongs.
    ///
    /// Below the current generation's first step that is an earlier one, also when the record was lost with the disk's
    /// unsynced tail and comes again from an attempt of the current one: whoever read it before names the earlier one.
    public func stream(of segment: SegmentID, at step: Int) -> StreamID {
        let generations = streams[segment]?.generations ?? SegmentRecord.untouched.generations
        return StreamID(segment: segment, generation: generations.owner(of: step) ?? generations[0].generation)
    }

    /// A segment's stream in its current generation.
    public func current(_ segment: SegmentID) -> StreamID {
        StreamID(
            segment: segment,
            generation: streams[segment]?.generation ?? SegmentRecord.untouched.generation)
    }

    /// What the log and the ledger hold of a segment after a restart.
    ///
    /// - Parameter records: by step; what follows a gap is not part of the stream.
    public mutating func restore(_ segment: SegmentID, _ generations: [GenerationSpan], _ records: [Record]) {
        var restored = Stream()
        restored.generations = generations
        restored.records = records
        streams[segment] = restored
    }

    /// From now on only this attempt writes the segment's stream and reads its predecessor's.
    public mutating func admit(_ segment: SegmentID, _ attempt: AttemptID?) {
        streams[segment, default: Stream()].writer = attempt
        if let attempt, let stream = streams[segment], stream.generation != attempt.generation {
            streams[segment]!.generations.open(attempt.generation, from: stream.records.count)
        }
        let before = SegmentID(story: segment.story, number: segment.number &- 1)
        if let reader = streams[before]?.reader, reader.attempt != attempt { streams[before]!.reader = nil }
    }

    /// Whether a record is to be written.
    public func admission(of attempt: AttemptID, step: Int, checksum: UInt64) -> Admission {
        // Whoever writes a generation that another one has replaced holds its lease until it answers its recall.
        guard let stream = streams[attempt.segment], stream.writer == attempt, stream.generation == attempt.generation
        else { return .stale }
        if step < stream.records.count { return stream.records[step].checksum == checksum ? .duplicate : .conflict }
        return step == stream.records.count ? .write : .gap(expected: stream.records.count)
    }

    /// A record is in the log: whoever waits for it gets it.
    public mutating func stored(_ attempt: AttemptID, step: Int, checksum: UInt64) -> [Delivery] {
        precondition(
            admission(of: attempt, step: step, checksum: checksum) == .write, "a record that was not to be written")
        let generation = stream(of: attempt.segment, at: step).generation
        streams[attempt.segment]!.records.append(Record(generation: generation, checksum: checksum))
        return deliver(attempt.segment)
    }

    /// An attempt wants its predecessor's records from a step on.
    ///
    /// Where its last reading ends it prolongs that one, whose records may still be on their way; anywhere else it
    /// begins a new one.
    ///
    /// - Parameters:
    ///   - stream: in the generation that the reader knows.
    ///   - window: how many at most before it asks again; no more than ``FarmLimits/readWindow`` count.
    public mutating func read(_ reader: AttemptID, _ stream: StreamID, from step: Int, window: Int) -> Reading {
        guard streams[reader.segment]?.writer == reader, reader.segment.story == stream.segment.story,
            reader.segment.number == stream.segment.number + 1
        else { return .stale }
        var new = Reader(attempt: reader, next: step, end: step + min(window, FarmLimits.readWindow))
        if let last = streams[stream.segment]?.reader, last.attempt == reader {
            if last.end == step { new.next = last.next }
            if let refused = last.refused { new.refused = last.end == step ? refused : step }
        }
        streams[stream.segment, default: Stream()].reader = new
        return .records(deliver(stream.segment))
    }

    /// A record found no way to its reader: it has to be offered again, and with it all that follow.
    ///
    /// - Returns: whether ``offerAgain(_:_:)`` is to be called after a while; false where it is about to be, because of
    ///   another record of the same reader.
    public mutating func refused(_ reader: AttemptID, _ stream: StreamID, step: Int) -> Bool {
        guard let last = streams[stream.segment]?.reader, last.attempt == reader else { return false }
        streams[stream.segment]!.reader!.refused = min(last.refused ?? step, step)
        return last.refused == nil
    }

    /// What found no way to its reader comes again, and what follows, as far as it was asked for.
    public mutating func offerAgain(_ reader: AttemptID, _ stream: StreamID) -> [Delivery] {
        guard let last = streams[stream.segment]?.reader, last.attempt == reader, let step = last.refused else {
            return []
        }
        streams[stream.segment]!.reader!.refused = nil
        streams[stream.segment]!.reader!.next = min(last.next, step)
        return deliver(stream.segment)
    }

    /// A stream has a new generation: its records from a step on are void.
    ///
    /// - Returns: the reader that must stop, if there is one that has had a void record.
    public mutating func open(_ stream: StreamID, from step: Int) -> AttemptID? {
        streams[stream.segment, default: Stream()].generations.open(stream.generation, from: step)
        let records = streams[stream.segment]!.records
        streams[stream.segment]!.records = Array(records.prefix(step))
        guard let reader = streams[stream.segment]!.reader, reader.next > step else { return nil }
        streams[stream.segment]!.reader = nil
        return reader.attempt
    }

    /// The log has nothing of a segment any more: its records come again, in the generations that they are of.
    public mutating func lose(_ segment: SegmentID) { streams[segment]?.records = [] }

    /// Nothing of a story is needed any longer.
    public mutating func forget(_ story: StoryID, segments: Int) {
        for number in stride(from: 1, through: segments, by: 1) {
            streams[SegmentID(story: story, number: UInt32(number))] = nil
        }
    }

    private mutating func deliver(_ segment: SegmentID) -> [Delivery] {
        guard var reader = streams[segment]?.reader, reader.refused == nil else { return [] }
        var deliveries: [Delivery] = []
        let records = streams[segment]!.records
        while reader.next < min(reader.end, records.count) {
            let record = records[reader.next]
            deliveries.append(
                Delivery(
                    reader: reader.attempt, stream: StreamID(segment: segment, generation: record.generation),
                    step: reader.next, checksum: record.checksum))
            reader.next += 1
        }
        streams[segment]!.reader = reader
        return deliveries
    }
}
