import ArgumentParser
import CSQLite
import Checkup
import Console
import Control
import FarmClient
import FarmFolder
import Foundation
import NodeAgent
import Transport

/// Says whether this machine can ask a farm, and be its head node.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Checks this machine: libraries, keys, disk, clock, GPUs, ports, and the coordinator in use.",
        discussion: """
            A line for each check: ok, warn (it works, but not for long or not for everything) or fail, and what to \
            do. The status is 1 where something fails. storyfarm-worker doctor does the same for a GPU node.
            """)

    @OptionGroup(title: "Farm")
    var options: FarmOptions

    func run() async throws {
        var checks = Check.libraries()
        checks.append(.sqlite(String(cString: sqlite3_libversion())))
        let head = HeadNode(farm: options.farm)
        checks += head.checks()
        checks += [.openFiles(), .clock()] + Check.devices(Result { () throws(GPUQueryError) in try GPUQuery.run() })
        let coordinator = await CoordinatorCheck(options: options).checks()
        checks += coordinator.checks
        if !coordinator.isRunning { checks += head.ports() }
        try CheckReport(checks).conclude(asJSON: options.json)
    }
}

/// What a coordinator of this machine has, or would be started with.
private struct HeadNode {
    private let coordinator: Result<Configuration, any Error>
    private let folder: FarmFolder

    init(farm: String) {
        var environment = ProcessInfo.processInfo.environment
        environment[Configuration.fileVariable] = nil
        coordinator = Result { try Configuration(.coordinator, environment: environment) }
        let isNamed =
            farm != Configuration.current.text(.farm) || Configuration.current[.farm].source.isGiven
        let named = FarmFolder(named: farm)
        folder = isNamed ? named : (try? coordinator.get()).map { FarmFolder($0.text(.folder)) } ?? named
    }

    func checks() -> [Check] {
        let settings: Configuration
        switch coordinator {
        case .success(let read): settings = read
        case .failure(let error): return [.fail("configuration", "\(error)", remedy: "mend the line")]
        }
        var checks = Check.keys(of: folder) + Check.serving(of: folder, settings)
        guard folder.exists else { return checks }
        checks += Check.disk(
            folder.path, watermarkBytes: settings.integer(.watermark) << 20,
            reserveBytes: settings.integer(.reserve) << 20)
        if FileManager.default.fileExists(atPath: folder.connectionFile) {
            checks.append(.isPrivate(folder.connectionFile, as: "farm.json", mode: "600"))
        }
        return checks
    }

    /// What it would listen on.
    func ports() -> [Check] {
        guard let coordinator = try? coordinator.get() else { return [] }
        var checks: [Check] = []
        for setting in [Setting.control, .data] {
            guard let text = coordinator.optionalText(setting) else { continue }
            let name = "\(setting.name) port"
            if let endpoint = TCPEndpoint(text), let port = UInt16(endpoint.port == "*" ? "0" : endpoint.port) {
                checks.append(.isFree(host: endpoint.host, port: port, as: name))
            } else {
                checks.append(.fail(name, "\(text) is no endpoint", remedy: "write it as tcp://10.0.0.1:7000"))
            }
        }
        let port = UInt16(clamping: coordinator.integer(.httpPort))
        checks.append(.isFree(host: "127.0.0.1", port: port, as: "http port"))
        return checks + [coordinator.optionalText(.httpListen)].compactMap { $0.map(Check.httpListen) }
    }
}

/// The coordinator that commands ask, and what it says.
private struct CoordinatorCheck {
    let options: FarmOptions

    func checks() async -> (checks: [Check], isRunning: Bool) {
        do throws(FarmClientError) {
            let client = try FarmClient(contentsOf: FarmFolder.connectionFile(named: options.farm))
            let greeting = try await client.greeting()
            let workers = try await client.workers()
            var checks = [Self.server(greeting)]
            if let time = greeting.time { checks.append(.offset(theirs: time, ours: greeting.asked, from: "it")) }
            return (checks + [Self.workers(workers)], true)
        } catch {
            return ([absent(error)], false)
        }
    }

    private static func server(_ greeting: FarmGreeting) -> Check {
        guard let server = greeting.server, server == FarmConnection.server else {
            return .fail(
                "coordinator", "\(greeting.url) is \(greeting.server ?? "unnamed"), not \(FarmConnection.server)",
                remedy: "use the same release of StoryFarm on both sides")
        }
        return .ok("coordinator", "\(greeting.url), \(server) as this program")
    }

    private static func workers(_ workers: [WorkerOverview]) -> Check {
        let states = Dictionary(workers.map { ($0.state, 1) }, uniquingKeysWith: +)
        let words = states.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        if workers.isEmpty {
            return .warn("workers", "none has joined", remedy: "start one: storyfarm-worker join --help")
        }
        if states["setAside"] != nil {
            return .warn("workers", words, remedy: "storyfarm workers says which failed, and when they are tried again")
        }
        return .ok("workers", words)
    }

    /// A farm that nobody named need not be there.
    private func absent(_ error: FarmClientError) -> Check {
        let isNamed =
            Configuration.current[.farm].source.isGiven || options.farm != Configuration.current.text(.farm)
        let remedy = "start storyfarm-coordinator, or name another's farm.json by --farm or STORYFARM_FARM"
        return isNamed
            ? .fail("coordinator", "\(error)", remedy: remedy) : .warn("coordinator", "\(error)", remedy: remedy)
    }
}
