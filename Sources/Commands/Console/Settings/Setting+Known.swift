import Foundation

extension Setting {
    // MARK: Whoever asks a farm

    public static let farm = Setting(
        "farm", .text, fallback: "\(Places.data)/farm.json",
        "The farm.json that the coordinator writes into its folder.")
    public static let workers = Setting(
        "workers", .integer(1...64), fallback: "1", "Worker processes of storyfarm render.")

    // MARK: Whoever computes

    public static let model = Setting("model", .text, "The model's folder.")
    public static let precision = Setting(
        "precision", .choice(["fp32", "bf16"]),
        "What transformer and decoder compute in; by default as their files are, but fp32 on a CPU that does not "
            + "multiply bf16 itself.")
    public static let threads = Setting(
        "threads", .integer(1...1024), "CPU threads of one operator; as many as there are cores by default.")
    public static let device = Setting("device", .text, fallback: "cpu", "Where to compute: cpu, cuda or cuda:N.")
    public static let attention = Setting(
        "attention", .choice(["automatic", "math", "flash", "efficient", "cudnn"]), fallback: "automatic",
        "Kernel of the transformer's attention: automatic, math, flash, efficient or cudnn.")

    // MARK: Whoever joins a farm

    public static let joinedFarm = Setting(
        "farm", .text, "The coordinator's folder, on its machine; says where to join and with which keys.")
    public static let models = Setting("model", .list, "A model's folder; several may be given.")
    public static let coordinator = Setting("coordinator", .text, "Where to join, as tcp://10.0.0.1:7000.")
    public static let keys = Setting("keys", .text, "This worker's key file.")
    public static let serverKey = Setting(
        "server-key", .text, "The coordinator's public key: 40 characters, or a file with them (coordinator.pub).")
    public static let node = Setting("node", .text, "The name of this machine in the farm; its host name by default.")
    public static let scratch = Setting("scratch", .text, "For files on their way; a temporary folder by default.")

    // MARK: The coordinator

    public static let folder = Setting("folder", .text, fallback: Places.data, "The farm's folder.")
    public static let control = Setting(
        "control", .text, fallback: "tcp://127.0.0.1:*",
        "Where workers join, such as tcp://10.0.0.1:7000; a * as the port is any that is free.")
    public static let data = Setting(
        "data", .text, "Where boundaries and files travel; by default any free port of the address in --control.")
    public static let advertiseData = Setting(
        "advertise-data", .text, "What workers are told to be the data endpoint, where it is not what was bound.")
    public static let httpPort = Setting(
        "http-port", .integer(0...65_535), fallback: "0",
        "Port of the HTTP interface on 127.0.0.1; 0 is any that is free.")
    public static let checkpointEvery = Setting(
        "checkpoint-every", .integer(0...1000), fallback: "8",
        "Steps between two checkpoints of a segment; 0 for none.")
    public static let previewEvery = Setting(
        "preview-every", .integer(0...1000), fallback: "8",
        "Steps between two pictures of what a segment is going to be; 0 for none.")
    public static let boundaryDays = Setting(
        "boundary-days", .integer(0...36_500), fallback: "7",
        "Days for which a story that has ended can be revised or retried: its boundaries are kept so long.")
    public static let watermark = Setting(
        "watermark", .integer(0...(1 << 40)), fallback: "2048",
        "While the disk has fewer MiB free, boundaries of stories that ended longest ago go before that.")
    public static let reserve = Setting(
        "reserve", .integer(0...(1 << 40)), fallback: "1024",
        "Refuse new stories while the disk has fewer MiB free.")
    public static let allowSimulated = Setting(
        "allow-simulated", .flag, fallback: "false", "Also take workers that only pretend to denoise.")

    // MARK: Services

    public static let logLevel = Setting(
        "log-level", .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"]), fallback: "info",
        "What to write to standard error: trace, debug, info, notice, warning, error or critical.")
}

/// A program's settings, and where it looks for its file.
public struct ProgramSettings: Sendable {
    /// As people start it.
    public let program: String
    /// Where its file is looked for; it may be missing there.
    public let usualFile: String
    public let settings: [Setting]

    public static let client = ProgramSettings(
        program: "storyfarm", usualFile: "\(Places.configuration)/config.yaml",
        settings: [.farm, .model, .precision, .workers, .threads])

    public static let coordinator = ProgramSettings(
        program: "storyfarm-coordinator", usualFile: "/etc/storyfarm/coordinator.yaml",
        settings: [
            .folder, .control, .data, .advertiseData, .httpPort, .checkpointEvery, .previewEvery, .boundaryDays,
            .watermark, .reserve, .allowSimulated, .logLevel,
        ])

    public static let worker = ProgramSettings(
        program: "storyfarm-worker", usualFile: "/etc/storyfarm/worker.yaml",
        settings: [
            .joinedFarm, .coordinator, .keys, .serverKey, .models, .device, .threads, .precision, .attention, .node,
            .scratch, .logLevel,
        ])

    public static let all = [client, coordinator, worker]
}

/// Where the XDG base directories are.
enum Places {
    static let data = folder("XDG_DATA_HOME", otherwise: ".local/share")
    static let configuration = folder("XDG_CONFIG_HOME", otherwise: ".config")

    private static func folder(_ variable: String, otherwise place: String) -> String {
        let given = ProcessInfo.processInfo.environment[variable]
        return (given.flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "\(NSHomeDirectory())/\(place)") + "/storyfarm"
    }
}
