/// The bounds of every message: checked before anything is allocated, and again before anything is sent.
///
/// Both ends of a connection are built with the same numbers; changing one is a change of the protocol.
public enum WireLimits {
    /// The only protocol version that this build speaks.
    public static let version: UInt32 = 1

    // MARK: Form: checked on the raw bytes, before unpacking

    /// Bytes of one header frame; the largest legal message, a full Offer, takes 0.8 MB.
    public static let messageBytes = 1 << 20
    /// Bytes that protobuf-c may hold while it unpacks one header frame; beyond it, unpacking fails.
    ///
    /// A legal message needs its own size, plus 40 bytes per field while it is scanned, plus its structs.
    public static let unpackedBytes = 4 << 20
    /// Fields of all nesting levels together; the largest legal message has about 3,100.
    public static let fields = 8192
    /// Entries of any one repeated field; each message has its own, mostly smaller, count as well.
    public static let repeatedEntries = 1001
    /// Fields that this build does not know, in one message of all levels.
    public static let unknownFields = 32
    /// Messages inside messages; the schema needs 6.
    public static let depth = 8

    // MARK: Counts

    /// The highest step: 1,000 steps have boundaries 0…1,000.
    public static let steps = 1000
    /// Segments of one story.
    public static let segments = 10_000
    /// Leases that one worker reports.
    public static let heldLeases = 8
    /// Models that one worker offers.
    public static let models = 24
    /// Devices and workers of one node.
    public static let nodeWorkers = 256
    /// Exits that one node reports at once; the rest waits for the next report.
    public static let nodeExits = 256
    /// Threads of one device kind.
    public static let threads = 4096
    /// Frames of one segment.
    public static let frames = 1 << 20
    /// Pixels along one side of a preview.
    public static let previewSide = 4096

    // MARK: Sizes in bytes

    /// A name of a node, model, device, build or encoder, in UTF-8.
    public static let nameBytes = 256
    /// An endpoint, in UTF-8.
    public static let endpointBytes = 512
    /// A scene or action prompt, in UTF-8.
    public static let promptBytes = 8 << 10
    /// A settings text: of a story or of a model's `storyfarm.json`.
    public static let settingsBytes = 32 << 10
    /// A ``Detail``, in UTF-8.
    public static let detailBytes = 1000
    /// A Z85 CURVE key.
    public static let keyBytes = 40
    /// The raw frame behind a chunk.
    public static let chunkBytes = 512 << 10
    /// The raw frame behind a boundary; 305 KB at 848×480.
    public static let boundaryBytes = 2 << 20
    /// The raw frame behind a preview.
    public static let previewBytes = 512 << 10
    /// A whole transfer.
    public static let transferBytes = 4 << 30
    /// The longest duration that travels: 366 days.
    public static let duration = Duration.seconds(366 * 86_400)
}
