/// What people may ask of a farm, whatever it is asked through.
///
/// The coordinator answers; whoever serves HTTP passes questions on and knows nothing of the farm's insides. An answer
/// of acceptance means that what was asked for is durable.
public protocol FarmControl: Sendable {
    /// Takes a story; the same token names the same story for ever.
    ///
    /// - Throws: ``ControlError`` `taken` where another story was taken with the token, or another submitter's.
    func submit(_ submission: StorySubmission, by submitter: String) async throws(ControlError) -> StoryReceipt

    /// A page of stories, the newest first.
    func stories(_ page: StoryPage) async throws(ControlError) -> [StoryOverview]

    /// - Throws: ``ControlError`` `notFound`.
    func story(_ id: UInt64) async throws(ControlError) -> StoryDetail

    /// Who handed a story in.
    ///
    /// - Throws: ``ControlError`` `notFound`.
    func submitter(of story: UInt64) async throws(ControlError) -> String

    /// Returns when the command is durable.
    func command(_ command: StoryCommand, on story: UInt64) async throws(ControlError)

    /// The finished prefix of a story as one MP4, or one finished segment.
    func video(of story: UInt64, segment: Int?) async throws(ControlError) -> StoredVideo

    /// What a segment is going to be, as its last step saw it: JPEG.
    func preview(of story: UInt64, segment: Int) async throws(ControlError) -> [UInt8]

    /// A finished segment in small.
    func thumbnail(of story: UInt64, segment: Int) async throws(ControlError) -> Thumbnail

    /// What is remembered of a story's news, the oldest first.
    func log(of story: UInt64) async throws(ControlError) -> [FarmNews]

    func queue() async -> QueueReport

    func workers() async -> [WorkerOverview]

    /// Lets a worker finish its step and leave, or takes that back.
    func drain(worker id: String, _ isDraining: Bool) async throws(ControlError)

    func nodes() async -> [NodeOverview]

    /// Has a node run so many workers; those that are too many give back what they hold and leave.
    ///
    /// - Throws: ``ControlError`` `notFound`, or `invalid` beyond what the node can run.
    func scale(node: String, to workers: Int) async throws(ControlError)

    /// The same of all nodes; each runs as many of them as it can.
    func scaleAll(to workers: Int) async throws(ControlError)

    /// Rises whenever an answer may have become another, but for how far segments are, what machines have free and what
    /// time it is: before whoever changed it is answered, and before the news of it.
    var alterations: UInt64 { get }

    /// What happened lately and what happens, for whoever listens.
    var board: NewsBoard { get }
}
