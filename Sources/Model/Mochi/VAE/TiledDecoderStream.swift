public import Torch

/// Decodes a video in overlapping tiles, where a whole frame does not fit into memory.
///
/// **Not exact**: normalisation sees only the tile, so that colours and contrast differ a little from tile to tile; the
/// overlaps are blended linearly. Prefer `DecoderStream` with chunks of one latent frame.
/// Reference: diffusers `AutoencoderKLMochi.tiled_decode`.
public struct TiledDecoderStream: Sendable {
    /// The tiles' size, in latents.
    public struct Grid: Equatable, Sendable {
        public let tileHeight, tileWidth, overlap: Int

        /// - Precondition: the overlap is less than half of a tile.
        public init(tileHeight: Int = 32, tileWidth: Int = 32, overlap: Int = 8) {
            precondition(
                overlap >= 0 && 2 * overlap < min(tileHeight, tileWidth),
                "an overlap of \(overlap) is too much for tiles of \(tileHeight) by \(tileWidth)")
            (self.tileHeight, self.tileWidth, self.overlap) = (tileHeight, tileWidth, overlap)
        }

        /// Where tiles of `length` lie along `extent` latents; the last ends there, each overlaps the one before.
        static func tiles(of length: Int, overlap: Int, along extent: Int) -> [Range<Int>] {
            var tiles = [0..<min(length, extent)]
            while let last = tiles.last, last.upperBound < extent {
                let start = min(last.upperBound - overlap, extent - length)
                tiles.append(start..<(start + length))
            }
            return tiles
        }
    }

    private let decoder: VAEDecoder
    private let form: DecodeForm
    private let grid: Grid
    private var streams: [DecoderStream] = []

    public init(_ decoder: VAEDecoder, form: DecodeForm = .genmo, grid: Grid = Grid()) {
        (self.decoder, self.form, self.grid) = (decoder, form, grid)
    }

    /// Decodes the next latent frames.
    ///
    /// - Parameter latents: `[1, L, t, h, w]` of the transformer, `t` at least 1, `h` and `w` as before.
    /// - Returns: `[f, 3, H, W]`, fp32, 0…1, as `DecoderStream.next`.
    /// - Throws: `TorchError`; the stream is then where it was.
    public mutating func next(_ latents: Tensor) throws(TorchError) -> Tensor {
        precondition(latents.rank == 5, "expected [1, L, t, h, w], got \(latents.shape)")
        let (height, width) = (latents.extent(3), latents.extent(4))
        let rows = Grid.tiles(of: grid.tileHeight, overlap: grid.overlap, along: height)
        let columns = Grid.tiles(of: grid.tileWidth, overlap: grid.overlap, along: width)
        let count = rows.count * columns.count
        var next =
            streams.isEmpty ? Array(repeating: DecoderStream(decoder, form: form), count: count) : streams
        precondition(next.count == count, "the frames' size changed within a video")
        let ratio = decoder.configuration.pixelsPerLatent
        var frames: Tensor?
        for (number, row) in rows.enumerated() {
            let heights = try ramp(rows, number, device: latents.device).unsqueezed(-1)
            for (index, column) in columns.enumerated() {
                let part = try latents.narrowed(3, row).narrowed(4, column)
                let tile = try next[number * columns.count + index].nextColours(part)
                let weighted = try tile * heights * ramp(columns, index, device: latents.device)
                let shape = [tile.extent(0), tile.extent(1), height * ratio, width * ratio]
                let sum = if let frames { frames } else { try Tensor.zeros(shape, device: latents.device) }
                let place = try sum.narrowed(2, row.pixels(ratio)).narrowed(3, column.pixels(ratio))
                try place.copy(from: place + weighted)
                frames = sum
            }
        }
        streams = next
        guard let frames else { preconditionFailure("there is at least one tile") }
        return try frames.displayed()
    }

    /// The share of tile `number` along one side, in pixels: 1, rising from and falling to 0 where it overlaps others.
    private func ramp(_ tiles: [Range<Int>], _ number: Int, device: Device) throws(TorchError) -> Tensor {
        let ratio = decoder.configuration.pixelsPerLatent
        let tile = tiles[number].pixels(ratio)
        var shares = Array(repeating: Float(1), count: tile.count)
        if number > 0 {
            let overlap = tiles[number - 1].pixels(ratio).upperBound - tile.lowerBound
            for pixel in 0..<overlap { shares[pixel] *= (Float(pixel) + 0.5) / Float(overlap) }
        }
        if number + 1 < tiles.count {
            let overlap = tile.upperBound - tiles[number + 1].pixels(ratio).lowerBound
            for pixel in 0..<overlap { shares[tile.count - 1 - pixel] *= (Float(pixel) + 0.5) / Float(overlap) }
        }
        return try Tensor(shares, shape: [shares.count]).moved(to: device)
    }
}

extension Range<Int> {
    fileprivate func pixels(_ ratio: Int) -> Range<Int> { (lowerBound * ratio)..<(upperBound * ratio) }
}
