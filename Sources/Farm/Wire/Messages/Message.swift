/// The header frame of a multipart message: everything that travels but the bulk bytes, which follow as raw frames.
///
/// ``rawFrames`` says how long those frames must be, ``Route`` who may send what where.
public enum Message: Equatable, Sendable {
    /// Worker to coordinator.
    case hello(Hello)
    /// Worker to coordinator.
    case attach(Attach)
    /// Coordinator to all.
    case welcome(Welcome)
    /// Coordinator to all.
    case refused(Refused)
    /// Worker to coordinator.
    case heartbeat(Heartbeat)
    /// Coordinator to all.
    case heartbeatAnswer(HeartbeatAnswer)
    /// Worker to coordinator.
    case offer(Offer)
    /// All ways.
    case drain(Drain)
    /// All ways.
    case bye(Bye)
    /// Coordinator to worker.
    case leaseGrant(LeaseGrant)
    /// Coordinator to worker.
    case recall(Recall)
    /// Worker to coordinator.
    case release(Release)
    /// Coordinator to worker.
    case probe(Probe)
    /// Worker to coordinator.
    case probed(Probed)
    /// Worker to coordinator.
    case progress(Progress)
    /// Worker to coordinator.
    case checkpoint(Checkpoint)
    /// Worker to coordinator.
    case denoised(Denoised)
    /// Worker to coordinator.
    case delivered(Delivered)
    /// Worker to coordinator.
    case failed(Failed)
    /// Coordinator to worker.
    case verdict(Verdict)
    /// Worker to coordinator.
    case boundaryAppend(BoundaryAppend)
    /// Coordinator to worker.
    case boundaryStored(BoundaryStored)
    /// Worker to coordinator.
    case boundaryRead(BoundaryRead)
    /// Coordinator to worker.
    case boundaryRecord(BoundaryRecord)
    /// Coordinator to worker.
    case boundarySuperseded(BoundarySuperseded)
    /// Coordinator to worker.
    case boundaryWanted(BoundaryWanted)
    /// Both ways between coordinator and worker.
    case chunk(Chunk)
    /// Both ways between coordinator and worker.
    case credit(Credit)
    /// Worker to coordinator.
    case fetch(Fetch)
    /// Both ways between coordinator and worker.
    case transferAborted(TransferAborted)
    /// Worker to coordinator.
    case deposit(Deposit)
    /// Node to coordinator.
    case nodeHello(NodeHello)
    /// Coordinator to node.
    case want(Want)
    /// Node to coordinator.
    case nodeReport(NodeReport)
}
