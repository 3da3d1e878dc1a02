/// Where a segment stands.
///
/// ```
/// blocked ▸ ready ▸ denoising ▸ denoised ▸ delivering ▸ finished
///       ◀       ◀                      ◀
/// any ▸ failed | cancelled          (the farm's rules)
/// failed | cancelled ▸ blocked      (retry)
/// any ▸ blocked                     (revise)
/// ```
public enum SegmentState: Hashable, Sendable, CaseIterable {
    /// Waits for its predecessor.
    case blocked
    /// May be leased.
    case ready
    /// A denoising lease is or was given; also while finished latents are held for story order, without a lease.
    case denoising
    /// Finished latents and the whole boundary log are durable on the coordinator.
    case denoised
    /// A delivering lease is given.
    case delivering
    /// The encoded segment is durable on the coordinator.
    case finished
    case failed
    case cancelled

    /// Why a segment changes its state; the same change may be legal for one cause and a bug for another.
    public enum Cause: Hashable, Sendable, CaseIterable {
        /// The farm's own rules.
        case rule
        /// `storyfarm retry`.
        case retry
        /// `storyfarm revise`.
        case revise
    }

    /// Whether a segment in this state may go to `next` for `cause`.
    public func mayBecome(_ next: SegmentState, because cause: Cause) -> Bool {
        switch cause {
        case .retry: return next == .blocked && (self == .failed || self == .cancelled)
        case .revise: return next == .blocked
        case .rule: return lawfulSuccessors.contains(next)
        }
    }

    private var lawfulSuccessors: Set<SegmentState> {
        switch self {
        case .blocked: return [.ready, .failed, .cancelled]
        case .ready: return [.denoising, .blocked, .failed, .cancelled]
        case .denoising: return [.denoised, .ready, .failed, .cancelled]
        case .denoised: return [.delivering, .failed, .cancelled]
        case .delivering: return [.finished, .denoised, .failed, .cancelled]
        case .finished: return [.failed, .cancelled]
        case .failed: return [.cancelled]
        case .cancelled: return [.failed]
        }
    }
}
