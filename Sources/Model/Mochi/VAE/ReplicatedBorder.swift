internal import Torch

extension Tensor {
    /// Writes frames into the middle of this `[C, n, H+2, W+2]` and repeats their outermost pixels around them.
    ///
    /// - Parameters:
    ///   - frames: `[C, n, H, W]`.
    ///   - norm: applied first, with its activation, to a piece `[C, m, H, W]` of the frames at a time, so that what is
    ///     between is never held for the whole video.
    func fillWithBorder(_ frames: Tensor, after norm: FrameNorm) throws(TorchError) {
        let (height, width) = (frames.extent(2), frames.extent(3))
        precondition(
            shape == [frames.extent(0), frames.extent(1), height + 2, width + 2],
            "\(shape) is not \(frames.shape) with a border")
        let middle = try narrowed(2, 1..<(height + 1)).narrowed(3, 1..<(width + 1))
        for piece in frames.framePieces {
            try norm.activate(frames.narrowed(1, piece), into: middle.narrowed(1, piece))
        }
        // Rows first: the columns then repeat the corners, too.
        for (border, source) in [(0, 1), (height + 1, height)] {
            try selected(2, border).copy(from: selected(2, source))
        }
        for (border, source) in [(0, 1), (width + 1, width)] {
            try selected(3, border).copy(from: selected(3, source))
        }
    }
}
