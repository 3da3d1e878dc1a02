internal import CTorch

// Several operators in one pass over memory; everything between reading and writing is in fp32.
extension Tensor {
    /// `x / rms(x) · factors` over the last dimension.
    ///
    /// Shapes: this tensor `[…, D]`; `factors` of `D` elements.
    ///
    /// - Returns: `[…, D]` in this tensor's dtype.
    public func modulated(by factors: Tensor, epsilon: Double) throws(TorchError) -> Tensor {
        try produce("modulated") { ctorch_modulate(handle, factors.handle, epsilon, $0) }
    }

    /// Writes `base + x / rms(x) · factors` into this tensor, whose memory the caller must be the only user of.
    ///
    /// Shapes: this tensor and `base` `[…, D]`, of one dtype; `factors` of `D` elements.
    public func modulate(by factors: Tensor, onto base: Tensor, epsilon: Double) throws(TorchError) {
        try perform("modulate(onto:)") { ctorch_modulate_onto(handle, factors.handle, base.handle, epsilon) }
    }

    /// Writes `x / rms(x) · factors` of every head, its pairs of elements rotated, into `target`.
    ///
    /// Shapes: this tensor and `target` `[1, N, H, D]`, of one dtype; `factors` of `D` elements; cosines and sines
    /// `[N, H, D/2]`, fp32.
    ///
    /// - Parameter target: often a part of a larger tensor; the caller must be the only user of its memory.
    public func normaliseHeads(
        by factors: Tensor, rotatedBy angles: (cosine: Tensor, sine: Tensor)?, epsilon: Double, into target: Tensor
    ) throws(TorchError) {
        try perform("normaliseHeads") {
            ctorch_normalise_heads(
                handle, factors.handle, angles?.cosine.handle, angles?.sine.handle, epsilon, target.handle)
        }
    }

    /// `a · silu(b)` of this `[…, 2 D]`, which is `a` and `b` one after the other: `[…, D]`.
    public func gated() throws(TorchError) -> Tensor {
        try produce("gated") { ctorch_gate(handle, $0) }
    }

    /// Writes `silu(group norm)` of every frame, normalised by itself, into `target`.
    ///
    /// Shapes: this tensor and `target` `[C, T, H, W]`; weight and bias `[C]`.
    ///
    /// - Parameter target: often a part of a larger tensor; the caller must be the only user of its memory.
    public func activateFrames(
        _ groups: Int, weight: Tensor, bias: Tensor, epsilon: Double, into target: Tensor
    ) throws(TorchError) {
        try perform("activateFrames") {
            ctorch_activate_frames(handle, Int64(groups), weight.handle, bias.handle, epsilon, target.handle)
        }
    }

    /// Adds `other`, broadcast and converted, where this tensor is; the caller must be the only user of its memory.
    public func accumulate(_ other: Tensor) throws(TorchError) {
        try perform("accumulate") { ctorch_accumulate(handle, other.handle) }
    }
}
