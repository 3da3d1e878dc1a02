internal import CTorch

/// How pixels between pixels are made.
public enum Resampling: Sendable, CaseIterable {
    case nearest
    case bilinear
    /// Bilinear with a kernel that widens when shrinking, as PIL has it.
    case bilinearAntialiased
    case bicubic
    /// Bicubic (a = -0.5) with a kernel that widens when shrinking, as PIL has it.
    case bicubicAntialiased

    var raw: ctorch_resampling {
        switch self {
        case .nearest: return CTORCH_NEAREST
        case .bilinear: return CTORCH_BILINEAR
        case .bilinearAntialiased: return CTORCH_BILINEAR_ANTIALIASED
        case .bicubic: return CTORCH_BICUBIC
        case .bicubicAntialiased: return CTORCH_BICUBIC_ANTIALIASED
        }
    }
}

extension Tensor {
    /// `[N, C, H, W]` to `[N, C, height, width]`; the images' outer edges coincide, as in PIL.
    public func resized(height: Int, width: Int, by resampling: Resampling) throws(TorchError) -> Tensor {
        try produce("resized") { ctorch_resize(handle, Int64(height), Int64(width), resampling.raw, $0) }
    }
}
