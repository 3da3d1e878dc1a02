public import Transport
import Wire

extension Check {
    /// How long a machine of the same farm may take for a handshake, or for an answer.
    private static let patience = Duration.seconds(5)

    /// Whether a worker with this key would be let in, and understood: does the handshake, and then takes its leave
    /// without having introduced itself, which the other side answers with the versions that it speaks.
    public static func handshake(
        with endpoint: String, keys: CurveKeyPair, server: CurvePublicKey
    ) async -> [Check] {
        let name = "coordinator"
        do {
            let context = try Context(ioThreads: 1)
            let thread = try SocketThread(in: context, name: "doctor")
            let link = try thread.connect(.dealer, to: endpoint, .control(.curveClient(keys, server: server)))
            let timer = Task {
                try? await ContinuousClock().sleep(for: patience)
                link.beginClosing()
            }
            let stage = await approach(link)
            var checks = [handshake(stage, with: endpoint)]
            if stage == .ready { checks.append(await version(link)) }
            timer.cancel()
            await link.close()
            await thread.close()
            await context.terminate()
            return checks
        } catch {
            return [fail(name, "\(endpoint): \(error)", remedy: "expected an endpoint such as tcp://10.0.0.1:7000")]
        }
    }

    private static func version(_ link: Link) async -> Check {
        let bye = Message.bye(.init(reason: .known(.drained), detail: "doctor"))
        guard let header = try? bye.encoded() else { return version(nil) }
        link.post(Multipart([Frame(header)])) { _ in }
        for await multipart in link.messages {
            let message = try? multipart.frames[0].withSpan { (bytes) throws(WireError) in
                try Message(arriving: bytes, rawFrames: [], from: [.coordinator], on: .control)
            }
            guard case .refused(let refusal)? = message else { return version(nil) }
            // Of two that differ, the lower is the higher: what a peer says is not to be trusted with a trap.
            return version(
                min(refusal.lowestVersion, refusal.highestVersion)...max(refusal.lowestVersion, refusal.highestVersion))
        }
        return version(nil)
    }

    /// - Parameter theirs: what the coordinator speaks; nil where it does not say.
    static func version(_ theirs: ClosedRange<UInt32>?) -> Check {
        let ours = WireLimits.version
        let remedy = "install the same release of StoryFarm on both machines"
        guard let theirs else { return fail("protocol", "the coordinator's answer is not understood", remedy: remedy) }
        guard theirs.contains(ours) else {
            let spoken =
                theirs.lowerBound == theirs.upperBound
                ? "\(theirs.lowerBound)" : "\(theirs.lowerBound) to \(theirs.upperBound)"
            return fail("protocol", "this program speaks version \(ours), the coordinator \(spoken)", remedy: remedy)
        }
        return ok("protocol", "version \(ours), as the coordinator's")
    }

    private static func approach(_ link: Link) async -> Approach.Stage {
        var approach = Approach()
        for await event in link.connectionEvents {
            approach.note(event.kind)
            switch approach.stage {
            case .ready, .notAdmitted, .closedEarly: return approach.stage
            case .unreached, .connected: break
            }
        }
        return approach.stage
    }

    static func handshake(_ stage: Approach.Stage, with endpoint: String) -> Check {
        let name = "coordinator"
        return switch stage {
        case .ready: ok(name, "\(endpoint) is reached and knows this key")
        case .unreached:
            fail(
                name, "nobody listens at \(endpoint)",
                remedy: "is the coordinator running, is this its --control, and is there a firewall between?")
        case .connected:
            fail(
                name, "\(endpoint) accepts connections and does not answer",
                remedy: "is that the coordinator's control endpoint?")
        case .closedEarly:
            fail(
                name, "\(endpoint) ends the connection before a word is said",
                remedy: "take coordinator.pub from the coordinator's folder anew: its key is another one")
        case .notAdmitted:
            fail(
                name, "\(endpoint) does not know this key",
                remedy: "on the coordinator's machine: storyfarm keys allow NAME.pub")
        }
    }
}
