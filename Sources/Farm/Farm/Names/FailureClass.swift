/// Why an attempt ended without a result, in the engine's own judgement; decides whether and where it is tried again.
public enum FailureClass: Hashable, Sendable, CaseIterable {
    /// The story is wrong, or asks for what its model can't do: never tried again.
    case badInput
    /// The worker's process ended while it denoised and its node lived on.
    case crash
    /// No step finished in time.
    case hang
    /// The device reported an error of its own (ECC, Xid, lost context).
    case deviceFault
    /// A value that is not finite appeared; on two devices at the same step it is the prompt's or the model's fault.
    case nonFinite
    /// Needs a worker with more memory.
    case outOfMemory
    /// The disk or the network under the worker failed, or its model's files: tried elsewhere while there are others.
    case inputOutput
}
