internal import Torch

extension Tensor {
    /// Elements of a piece: 64 MB in fp32, less than any stage holds at full resolution, enough for every core.
    private static var elementsPerPiece: Int { 1 << 24 }

    /// Ranges of frames of this `[C, T, H, W]` that are worked on at once where frames do not depend on each other, so
    /// that intermediate results stay small.
    var framePieces: [Range<Int>] {
        let shape = shape
        let length = max(1, Self.elementsPerPiece / max(1, shape[0] * shape[2] * shape[3]))
        return stride(from: 0, to: shape[1], by: length).map { $0..<min($0 + length, shape[1]) }
    }
}
