/// Where a story stands.
///
/// ```
/// queued ▸ rendering ▸ assembling ▸ finished
/// any but finished ▸ failed | cancelled
/// failed | cancelled ▸ rendering    (retry)
/// any ▸ rendering                   (revise)
/// ```
public enum StoryState: Hashable, Sendable, CaseIterable {
    /// No segment was ever leased.
    case queued
    case rendering
    /// Every segment is finished; the last of the MP4 is being written.
    case assembling
    case finished
    /// A segment failed for good; what is finished before it stays playable.
    case failed
    case cancelled

    public var isTerminal: Bool { self == .finished || self == .failed || self == .cancelled }
}
