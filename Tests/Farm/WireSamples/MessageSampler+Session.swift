import Farm
import Wire

/// How a connection begins, lives and ends; and what nodes say.
extension MessageSampler {
    mutating func held() -> Held {
        Held(
            attempt: attempt(), phase: code(LeasePhase.self), activity: code(Held.Activity.self), step: step(),
            activityTime: duration())
    }

    mutating func hello() -> Message.Hello {
        Message.Hello(
            secret: secret(), node: name(), process: integer(1...Int(UInt32.max)), build: name(), encoder: name(),
            device: device(), held: list(atMost: WireLimits.heldLeases) { $0.held() }, isSimulated: chance(2))
    }

    mutating func welcome() -> Message.Welcome {
        Message.Welcome(
            peer: WorkerID(high: number(), low: number()), epoch: number(), heartbeatInterval: duration(),
            silenceLimit: duration(), dataEndpoint: text(atMost: WireLimits.endpointBytes), build: name(),
            initialCredit: integer(1...Int(UInt32.max)))
    }

    mutating func refused() -> Message.Refused {
        Message.Refused(
            reason: open(Message.RefusalReason.self), detail: detail(), lowestVersion: 1,
            highestVersion: UInt32(integer(1...Int(UInt32.max))))
    }

    mutating func heartbeat() -> Message.Heartbeat {
        Message.Heartbeat(
            number: number(), steps: number(), held: list(atMost: WireLimits.heldLeases) { $0.held() },
            freeBytes: integer(0...Int.max), usedBytes: integer(0...Int.max))
    }

    mutating func offer() -> Message.Offer {
        Message.Offer(
            models: list(atMost: WireLimits.models) {
                Message.Model(
                    name: $0.name(), digest: $0.digest(), settings: $0.optionalText(atMost: WireLimits.settingsBytes),
                    weightBytes: $0.integer(0...Int.max))
            })
    }

    mutating func nodeHello() -> Message.NodeHello {
        Message.NodeHello(
            secret: secret(), node: name(), build: name(), devices: list(atMost: 40) { $0.device() },
            capacity: integer(0...WireLimits.nodeWorkers), memoryBytes: integer(0...Int.max),
            proposed: integer(0...WireLimits.nodeWorkers))
    }

    mutating func nodeReport() -> Message.NodeReport {
        Message.NodeReport(
            number: number(), revision: number(),
            workers: list(atMost: WireLimits.nodeWorkers) {
                Message.NodeWorker(
                    process: $0.integer(1...Int(UInt32.max)), device: $0.name(),
                    state: $0.open(Message.NodeWorkerState.self))
            },
            exits: list(atMost: WireLimits.nodeExits) {
                Message.WorkerExit(
                    process: $0.integer(1...Int(UInt32.max)), device: $0.name(), cause: $0.code(ExitCause.self),
                    code: $0.integer(0...Int(UInt32.max)), detail: $0.detail())
            },
            freeMemoryBytes: integer(0...Int.max), freeDiskBytes: integer(0...Int.max))
    }
}
