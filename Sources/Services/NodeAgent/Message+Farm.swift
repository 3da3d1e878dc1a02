import Farm
import Wire

extension Message.NodeReport {
    /// What the farm's rules say of a node, as it travels.
    init(number: UInt64, _ status: NodeStatus) {
        self.init(
            number: number, revision: status.revision, workers: status.workers.map(Message.NodeWorker.init),
            exits: status.exits.map(Message.WorkerExit.init), freeMemoryBytes: status.freeMemoryBytes,
            freeDiskBytes: status.freeDiskBytes)
    }
}

extension Message.NodeWorker {
    fileprivate init(_ process: NodeProcess) {
        let state: Message.NodeWorkerState =
            switch process.stage {
            case .starting: .starting
            case .running: .running
            case .stopping: .stopping
            }
        self.init(process: process.process, device: process.device, state: .known(state))
    }
}

extension Message.WorkerExit {
    fileprivate init(_ exit: WorkerExit) {
        self.init(
            process: exit.process, device: exit.device, cause: exit.cause, code: exit.code,
            detail: Detail(exit.detail))
    }
}
