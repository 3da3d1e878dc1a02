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
    /// - Throws: `TorchError`; the stream is then of no more use.
    public mutating func next(_ latents: Tensor) throws(TorchError) -> Tensor {
        precondition(latents.rank == 5, "expected [1, L, t, h, w], got \(latents.shape)")
        let (height, width) = (latents.extent(3), latents.extent(4))
        let rows = Grid.tiles(of: grid.tileHeight, overlap: grid.overlap, along: height)
        let columns = Grid.tiles(of: grid.tileWidth, overlap: grid.overlap, along: width)
        let count = rows.count * columns.count
        if streams.isEmpty { streams = Array(repeating: DecoderStream(decoder, form: form), count: count) }
        precondition(streams.count == count, "the frames' size changed within a video")
        let ratio = decoder.configuration.pixelsPerLatent
        let across = try ramps(columns, device: latents.device)
        let down = try ramps(rows, device: latents.device)
        var frames: Tensor?
        for (number, row) in rows.enumerated() {
            let heights = try down[number].unsqueezed(-1)
            for (index, column) in columns.enumerated() {
                let part = try latents.narrowed(3, row).narrowed(4, column)
                let tile = try streams[number * columns.count + index].nextColours(part)
                let weighted = try tile * heights * across[index]
                let shape = [tile.extent(0), tile.extent(1), height * ratio, width * ratio]
                let sum = if let frames { frames } else { try Tensor.zeros(shape, device: latents.device) }
                let place = try sum.narrowed(2, row.pixels(ratio)).narrowed(3, column.pixels(ratio))
                try place.copy(from: place + weighted)
                frames = sum
            }
        }
        guard let frames else { preconditionFailure("there is at least one tile") }
        return try frames.displayed()
    }

    /// The shares of the tiles along one side, a pixel each.
    private func ramps(_ tiles: [Range<Int>], device: Device) throws(TorchError) -> [Tensor] {
        let pixels = tiles.map { $0.pixels(decoder.configuration.pixelsPerLatent) }
        return try Self.shares(of: pixels).map { (shares) throws(TorchError) in
            try Tensor(shares, shape: [shares.count]).moved(to: device)
        }
    }

    /// Every tile's share of each of its pixels: rising from and falling to 0 where it overlaps its neighbours, and
    /// together 1 wherever tiles lie; the last one may reach over more than one before it.
    static func shares(of tiles: [Range<Int>]) -> [[Float]] {
        var shares = tiles.map { Array(repeating: Float(1), count: $0.count) }
        for number in tiles.indices.dropLast() {
            let overlap = tiles[number].upperBound - tiles[number + 1].lowerBound
            for pixel in 0..<overlap {
                let share = (Float(pixel) + 0.5) / Float(overlap)
                shares[number][tiles[number].count - 1 - pixel] *= share
                shares[number + 1][pixel] *= share
            }
        }
        var sums = Array(repeating: Float(0), count: tiles.last?.upperBound ?? 0)
        for (tile, row) in zip(tiles, shares) {
            for (pixel, share) in zip(tile, row) { sums[pixel] += share }
        }
        return zip(tiles, shares).map { tile, row in zip(tile, row).map { pixel, share in share / sums[pixel] } }
    }
}

extension Range<Int> {
    fileprivate func pixels(_ ratio: Int) -> Range<Int> { (lowerBound * ratio)..<(upperBound * ratio) }
}
