import Farm
import Wire

/// What everybody is told who may come in.
struct Welcoming: Sendable {
    let epoch: UInt64
    let dataEndpoint: String

    func message(to worker: WorkerID) -> Message {
        .welcome(
            .init(
                peer: worker, epoch: epoch, heartbeatInterval: WorkerMachine.heartbeat,
                silenceLimit: WorkerMachine.silence, dataEndpoint: dataEndpoint, build: CoordinatorBuild.name,
                initialCredit: Vault.credit))
    }
}

/// What this build calls itself.
public enum CoordinatorBuild {
    public static let name = "StoryFarm 1"
}
