import Farm
import Wire

/// What workers report, and what travels on data connections.
extension MessageSampler {
    mutating func transferBytes() -> Int { integer(1...WireLimits.transferBytes) }

    mutating func artifact() -> Artifact { Artifact(bytes: transferBytes(), digest: digest()) }

    mutating func consumed() -> Consumed {
        var steps: Set<Int> = []
        for step in list(atMost: WireLimits.repeatedEntries, { $0.step() }) { steps.insert(step) }
        let spans = steps.sorted().map { GenerationSpan(generation: generation(), fromStep: $0) }
        return Consumed(spans: spans, digest: digest())
    }

    mutating func progress() -> Message.Progress {
        let preview = Message.Preview(
            bytes: integer(1...WireLimits.previewBytes), format: open(Message.PreviewFormat.self),
            width: integer(1...WireLimits.previewSide), height: integer(1...WireLimits.previewSide))
        return Message.Progress(
            attempt: attempt(), step: step(), stepTime: duration(), waitTime: duration(),
            sceneWeight: Float.random(in: 0...1, using: &generator),
            noiseDeviation: Float.random(in: 0...1000, using: &generator), similarityDropped: chance(2),
            preview: chance(2) ? nil : preview)
    }

    mutating func checkpoint() -> Message.Checkpoint {
        Message.Checkpoint(
            attempt: attempt(), step: step(), consumed: consumed(), transfer: number(), artifact: artifact())
    }

    mutating func denoised() -> Message.Denoised {
        Message.Denoised(
            attempt: attempt(), consumed: consumed(), transfer: number(), latents: artifact(), steppingTime: duration(),
            waitTime: duration())
    }

    mutating func delivered() -> Message.Delivered {
        Message.Delivered(
            attempt: attempt(), transfer: number(), video: artifact(), latentsDigest: digest(), encoder: name(),
            frames: integer(1...WireLimits.frames), decodingTime: duration(), encodingTime: duration())
    }

    mutating func failed() -> Message.Failed {
        Message.Failed(
            attempt: attempt(), phase: code(LeasePhase.self), failureClass: code(FailureClass.self), detail: detail(),
            step: step(), neededBytes: integer(0...Int.max), availableBytes: integer(0...Int.max))
    }

    mutating func verdict() -> Message.Verdict {
        Message.Verdict(
            attempt: attempt(), report: code(FarmReport.self), outcome: code(ReportOutcome.self), step: step(),
            detail: detail())
    }

    mutating func boundaryAppend() -> Message.BoundaryAppend {
        Message.BoundaryAppend(
            attempt: attempt(), step: step(), bytes: integer(1...WireLimits.boundaryBytes), checksum: number())
    }

    mutating func boundaryRead() -> Message.BoundaryRead {
        Message.BoundaryRead(
            reader: attempt(), stream: stream(), fromStep: step(), window: integer(1...WireLimits.repeatedEntries))
    }

    mutating func boundaryRecord() -> Message.BoundaryRecord {
        Message.BoundaryRecord(
            reader: attempt(), stream: stream(), step: step(), bytes: integer(1...WireLimits.boundaryBytes),
            checksum: number())
    }

    mutating func chunk() -> Message.Chunk {
        let bytes = integer(1...WireLimits.chunkBytes)
        let total = integer(bytes...WireLimits.transferBytes)
        let isLast = chance(3)
        let offset = isLast ? total - bytes : integer(0...(total - bytes))
        return Message.Chunk(
            attempt: attempt(), transfer: number(), kind: code(Message.TransferKind.self), offset: offset, total: total,
            bytes: bytes, digest: offset + bytes == total ? digest() : nil)
    }

    mutating func fetch() -> Message.Fetch {
        Message.Fetch(
            attempt: attempt(), transfer: number(), kind: code(Message.TransferKind.self), credit: transferBytes())
    }

    mutating func deposit() -> Message.Deposit {
        Message.Deposit(
            attempt: attempt(), transfer: number(), kind: chance(2) ? .latents : .video,
            artifact: Artifact(bytes: transferBytes(), digest: digest()))
    }

    mutating func transferAborted() -> Message.TransferAborted {
        Message.TransferAborted(transfer: number(), reason: open(Message.AbortReason.self), detail: detail())
    }
}
