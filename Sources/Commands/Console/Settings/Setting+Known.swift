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
    public static let models = Setting("model", .list(), "A model's folder; several may be given.")
    public static let coordinator = Setting("coordinator", .text, "Where to join, as tcp://10.0.0.1:7000.")
    public static let keys = Setting("keys", .text, "This worker's key file.")
    public static let serverKey = Setting(
        "server-key", .text, "The coordinator's public key: 40 characters, or a file with them (coordinator.pub).")
    public static let node = Setting("node", .text, "The name of this machine in the farm; its host name by default.")
    public static let scratch = Setting(
        "scratch", .text,
        "Where each worker makes a folder for files on their way; a place for temporary ones by default.")

    public static let shared = Setting(
        "shared", .text,
        "A folder that the coordinator sees as well (its --shared): latents and videos need not travel then.")

    // MARK: The coordinator

    public static let folder = Setting("folder", .text, fallback: Places.data, "The farm's folder.")
    public static let control = Setting(
        "control", .text, fallback: "tcp://127.0.0.1:*",
        "Where workers join, such as tcp://10.0.0.1:7000; a * as the port is any that is free.")
    public static let data = Setting(
        "data", .text, "Where boundaries and files travel; by default any free port of the address in --control.")
    public static let sharedFarm = Setting(
        "shared", .text,
        """
        A folder on a file system that workers see as well: latents and videos of workers that are given it too stay \
        there. Of the same user everywhere.
        """)
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

    // MARK: Whoever asks a coordinator from elsewhere

    public static let httpListen = Setting(
        "http-listen", .text,
        "Where others ask, as 0.0.0.0:8443, with a token of --tokens; wants a certificate or --behind-tls-proxy.")
    public static let tlsCertificate = Setting(
        "tls-certificate", .text, "PEM file: the certificate of --http-listen, with its chain.")
    public static let tlsKey = Setting("tls-key", .text, "PEM file: its key.")
    public static let behindTLSProxy = Setting(
        "behind-tls-proxy", .flag, fallback: "false",
        "Nobody reaches --http-listen but through a proxy that people reach by TLS only.")
    public static let httpHost = Setting(
        "http-host", .list(separator: ","), "A name by which others ask; more than one may be given.")
    public static let tokens = Setting("tokens", .text, "The list of tokens; by default tokens.json in the folder.")
    public static let requestsPerSecond = Setting(
        "requests-per-second", .integer(1...1_000_000), fallback: "200",
        "Requests a second of one token's subject; twice as many at once.")
    public static let quotaStories = Setting(
        "quota-stories", .integer(1...Int(Int32.max)), fallback: "100000",
        "Stories of one submitter that have not ended.")
    public static let quotaSegments = Setting(
        "quota-segments", .integer(1...Int(Int32.max)), fallback: "1000000",
        "Segments of one submitter that are still to be rendered.")
    public static let quotaMebibytes = Setting(
        "quota-mib", .integer(0...Int(Int32.max)), fallback: "0",
        "MiB of files that one submitter's stories may have before new ones are refused; 0 for any number.")

    // MARK: A node's agent

    public static let agentFolder = Setting(
        "folder", .text, "The agent's folder: its secret, the workers' logs; ~/.local/state/storyfarm/NODE by default.")
    public static let workerProgram = Setting(
        "worker", .text, "The worker's program; by default storyfarm-worker beside this one.")
    public static let cpuOnly = Setting("cpu-only", .flag, fallback: "false", "Leave GPUs alone.")
    public static let workersPerGPU = Setting(
        "workers-per-gpu", .integer(1...32), fallback: "1", "Workers that may share a GPU.")
    public static let capacity = Setting(
        "capacity", .integer(1...256),
        "The most workers that the farm may want here; by default --workers-per-gpu of each GPU, or 1 without any.")
    public static let proposedWorkers = Setting(
        "workers", .integer(0...256),
        "How many workers to run until the farm wants another number; by default all of a GPU node's, else 1.")
    public static let grace = Setting(
        "grace", .integer(1...86_400), fallback: "600",
        "Seconds that a worker may take to leave before it is killed.")

    // MARK: Services

    public static let logLevel = Setting(
        "log-level", .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"]), fallback: "info",
        "What to write to standard error: trace, debug, info, notice, warning, error or critical.")
    public static let logFormat = Setting(
        "log-format", .choice(["text", "json"]), fallback: "text",
        "How: text, or json for one object a line, with story, segment and attempt.")
}
