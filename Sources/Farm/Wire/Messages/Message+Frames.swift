extension Message {
    /// The lengths of the raw frames that follow the header frame, in order; none for most messages.
    ///
    /// A multipart message with other frames than these is malformed.
    public var rawFrames: [Int] {
        switch self {
        case .progress(let progress): progress.preview.map { [$0.bytes] } ?? []
        case .boundaryAppend(let append): [append.bytes]
        case .boundaryRecord(let record): [record.bytes]
        case .chunk(let chunk): [chunk.bytes]
        case .hello, .attach, .welcome, .refused, .heartbeat, .heartbeatAnswer, .offer, .drain, .bye, .leaseGrant,
            .recall, .release, .probe, .probed, .checkpoint, .denoised, .delivered, .failed, .verdict, .boundaryStored,
            .boundaryRead, .boundarySuperseded, .boundaryWanted, .credit, .fetch, .transferAborted, .deposit,
            .nodeHello, .want, .nodeReport:
            []
        }
    }
}
