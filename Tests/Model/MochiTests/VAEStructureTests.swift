import Foundation
import Safetensors
import Testing
import Torch

@testable import Mochi

/// Goal: the published model's sizes, and what recordings of tiny models can't show. Method: weights without memory;
/// formulas in double precision.
@Suite struct VAEStructureTests {
    @Test func thePublishedModelHasItsWeights() throws {
        let decoder = Weights(emptyOf: .float32, on: .meta)
        _ = try VAEDecoder(VAEConfiguration.published(), weights: decoder.root)
        #expect(decoder.parameterCount == 362_526_595)
        let encoder = Weights(emptyOf: .float32, on: .meta)
        _ = try VAEEncoder(VAEConfiguration.published(), weights: encoder.root)
        #expect(encoder.parameterCount == 97_222_016)
    }

    /// A mean of many standard deviations must not eat up the variance's digits.
    @Test func normalisationIsExactFarFromZero() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).safetensors").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let generator = try Generator(seed: 5)
        let (scale, shift) = (try generator.normal([64]), try generator.normal([64]))
        try Tensor.save(["norm_layer.weight": scale, "norm_layer.bias": shift], to: path)
        let norm = try FrameNorm(64, weights: Weights(SafetensorsArchive(file: SafetensorsFile(path: path))).root)

        let x = try generator.normal([64, 2, 80, 80]) + 30
        let groups = try x.converted(to: .float64).reshaped([32, 2, 2, 80, 80])
        let centred = try groups - groups.mean([1, 3, 4], keeping: true)
        let deviation = try ((centred * centred).mean([1, 3, 4], keeping: true) + 1e-5).squareRoot()
        let expected =
            try (centred / deviation).reshaped([64, 2, 80, 80]) * scale.reshaped([64, 1, 1, 1])
            + shift.reshaped([64, 1, 1, 1])
        // fp32 holds 30 to 2e-6; the largest weight is about 3.
        #expect(try (norm(x) - expected).absolute().maximum(over: []).item() <= 2e-5)
    }

    @Test func statisticsUndoThemselves() throws {
        let statistics = LatentStatistics(try VAEConfiguration.published())
        let latents = try Generator(seed: 7).normal([1, 12, 2, 3, 3])
        let back = try statistics.normalised(statistics.denormalised(latents))
        #expect(try (back - latents).absolute().maximum(over: []).item() <= 1e-6)
    }

    /// Whatever the frame's size is, no pixel is darker for lying where tiles meet.
    @Test func tilesSharesAreOneTogether() {
        for extent in 1...256 {
            let tiles = TiledDecoderStream.Grid.tiles(of: 32, overlap: 8, along: extent)
            var sums = Array(repeating: Float(0), count: extent)
            for (tile, shares) in zip(tiles, TiledDecoderStream.shares(of: tiles)) {
                for (pixel, share) in zip(tile, shares) { sums[pixel] += share }
            }
            #expect(sums.allSatisfy { abs($0 - 1) < 1e-6 }, "\(extent)")
        }
    }

    @Test(arguments: [
        (4, 1, 10, [0..<4, 3..<7, 6..<10]), (4, 1, 9, [0..<4, 3..<7, 5..<9]), (4, 1, 4, [0..<4]), (4, 0, 3, [0..<3]),
    ])
    func tilesCoverEverything(length: Int, overlap: Int, extent: Int, tiles: [Range<Int>]) {
        #expect(TiledDecoderStream.Grid.tiles(of: length, overlap: overlap, along: extent) == tiles)
    }
}
