import Foundation

/// A program's settings, and where it looks for its file.
public struct ProgramSettings: Sendable {
    /// As people start it.
    public let program: String
    /// Where its file is looked for; it may be missing there.
    public let usualFile: String
    public let settings: [Setting]

    public static let client = ProgramSettings(
        program: "storyfarm", usualFile: "\(Places.configuration)/config.yaml",
        settings: [.farm, .model, .precision, .workers, .threads, .logLevel, .logFormat])

    public static let coordinator = ProgramSettings(
        program: "storyfarm-coordinator", usualFile: "/etc/storyfarm/coordinator.yaml",
        settings: [
            .folder, .sharedFarm, .control, .data, .advertiseData, .httpPort, .httpListen, .tlsCertificate, .tlsKey,
            .behindTLSProxy, .httpHost, .tokens, .requestsPerSecond, .quotaStories, .quotaSegments, .quotaMebibytes,
            .checkpointEvery, .previewEvery, .boundaryDays, .watermark, .reserve, .allowSimulated, .logLevel,
            .logFormat,
        ])

    public static let worker = ProgramSettings(
        program: "storyfarm-worker", usualFile: "/etc/storyfarm/worker.yaml",
        settings: [
            .joinedFarm, .coordinator, .keys, .serverKey, .models, .device, .threads, .precision, .attention, .node,
            .scratch, .shared, .logLevel, .logFormat,
        ])

    public static let node = ProgramSettings(
        program: "storyfarm-node", usualFile: "/etc/storyfarm/node.yaml",
        settings: [
            .joinedFarm, .coordinator, .keys, .serverKey, .node, .agentFolder, .workerProgram, .cpuOnly,
            .workersPerGPU, .capacity, .proposedWorkers, .grace, .logLevel, .logFormat,
        ])

    public static let all = [client, coordinator, worker, node]
}

/// Our folders in the XDG base directories.
public enum Places {
    public static let data = folder("XDG_DATA_HOME", otherwise: ".local/share")
    public static let configuration = folder("XDG_CONFIG_HOME", otherwise: ".config")
    /// Of what is kept between two runs and worth no backup.
    public static let state = folder("XDG_STATE_HOME", otherwise: ".local/state")

    private static func folder(_ variable: String, otherwise place: String) -> String {
        let environment = ProcessInfo.processInfo.environment
        func absolute(_ name: String) -> String? { environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
        return (absolute(variable) ?? "\(absolute("HOME") ?? NSHomeDirectory())/\(place)") + "/storyfarm"
    }
}
