internal import Torch

extension Tensor {
    /// Elements of a piece: 64 MB in fp32, less than any stage holds at full resolution, enough for every core.
    private static var elementsPerPiece: Int { 1 << 24 }

    /// Ranges of frames of this `[C, T, H, W]` that are worked on at once where frames do not depend on each other, so
    /// that intermediate results stay small.
    var framePieces: [Range<Int>] { framePieces(of: extent(1)) }

    /// As above, of the `count` frames of which this tensor's were made.
    func framePieces(of count: Int) -> [Range<Int>] {
        let elementsPerFrame = shape.reduce(1, *) / max(1, count)
        let length = max(1, Self.elementsPerPiece / max(1, elementsPerFrame))
        return stride(from: 0, to: count, by: length).map { $0..<min($0 + length, count) }
    }
}
