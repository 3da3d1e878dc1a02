/// A worker in a list.
public struct WorkerOverview: Codable, Hashable, Sendable {
    /// 32 hexadecimal digits.
    public var id: String
    public var node: String
    public var process: Int
    /// The GPU's UUID, or a name made of the node's.
    public var device: String
    /// As "H200" or "cpu".
    public var accelerator: String
    public var memoryBytes: Int
    /// Of the device's memory, what nobody has.
    public var freeBytes: Int?
    /// Of the device's memory, what the worker holds.
    public var usedBytes: Int?
    public var models: [String]
    /// idle, denoising, draining, setAside or disconnected.
    public var state: String
    /// What it denoises.
    public var denoising: Work?
    /// What it delivers.
    public var delivering: [Work]
    public var isSimulated: Bool
    /// Why it gets no work, and until when.
    public var note: String?

    public struct Work: Codable, Hashable, Sendable {
        public var story: UInt64
        public var segment: Int
        /// Steps finished.
        public var step: Int
        public var activity: String?
        /// Of its last step, waits not counted.
        public var secondsPerStep: Double?
        /// Whether there is a picture of what the segment is going to be.
        public var hasPreview: Bool

        public init(
            story: UInt64, segment: Int, step: Int, activity: String? = nil, secondsPerStep: Double? = nil,
            hasPreview: Bool = false
        ) {
            (self.story, self.segment, self.step, self.activity) = (story, segment, step, activity)
            (self.secondsPerStep, self.hasPreview) = (secondsPerStep, hasPreview)
        }
    }

    public init(
        id: String, node: String, process: Int, device: String, accelerator: String, memoryBytes: Int,
        freeBytes: Int? = nil, usedBytes: Int? = nil, models: [String], state: String, denoising: Work? = nil,
        delivering: [Work] = [], isSimulated: Bool = false, note: String? = nil
    ) {
        (self.id, self.node, self.process, self.device) = (id, node, process, device)
        (self.accelerator, self.memoryBytes) = (accelerator, memoryBytes)
        (self.freeBytes, self.usedBytes) = (freeBytes, usedBytes)
        (self.models, self.state, self.denoising) = (models, state, denoising)
        (self.delivering, self.isSimulated, self.note) = (delivering, isSimulated, note)
    }
}
