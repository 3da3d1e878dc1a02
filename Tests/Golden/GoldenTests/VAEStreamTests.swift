import Testing
import Torch

@testable import Mochi

/// Goal: decoding in parts gives what decoding at once gives. Method: the recorded decoders, cut every way.
@Suite struct VAEStreamTests {
    @Test(arguments: Golden.all("vae.decoder"), DecodeForm.allCases)
    func everyChunkingGivesTheSameFrames(golden: Golden, form: DecodeForm) throws {
        let decoder = try golden.decoder()
        let latents = try golden.input("latents")
        let count = latents.extent(2)
        var whole = DecoderStream(decoder, form: form)
        let expected = try whole.nextColours(latents)
        for length in 1...count {
            var stream = DecoderStream(decoder, form: form)
            var chunks: [Tensor] = []
            for start in stride(from: 0, to: count, by: length) {
                chunks.append(try stream.nextColours(latents.narrowed(2, start..<min(start + length, count))))
            }
            let frames = try Tensor.concatenated(chunks, dimension: 0)
            // Nothing is left out or approximated, but oneDNN may sum up shorter videos in another order.
            let difference = try frames.relativeDifference(from: expected)
            GoldenReport.add("vae.decoder streamed, against one-shot", measured: difference, allowed: 5e-6)
            #expect(difference <= 5e-6, "chunks of \(length): \(difference)")
        }
    }

    @Test(arguments: Golden.all("vae.decoder")) func theFirstFrameKnowsNothingOfLaterOnes(golden: Golden) throws {
        let decoder = try golden.decoder()
        let latents = try golden.input("latents")
        var (alone, whole) = (DecoderStream(decoder), DecoderStream(decoder))
        let first = try alone.nextColours(latents.narrowed(2, 0..<1))
        #expect(first.extent(0) == 1)
        let reference = try whole.nextColours(latents).narrowed(0, 0..<1)
        let difference = try first.relativeDifference(from: reference)
        GoldenReport.add("vae.decoder frame 0 of T = 1, against of all", measured: difference, allowed: 5e-6)
        #expect(difference <= 5e-6)
    }

    @Test(arguments: Golden.all("vae.decoder")) func aStreamsCopyContinuesByItself(golden: Golden) throws {
        let latents = try golden.input("latents")
        var stream = DecoderStream(try golden.decoder())
        _ = try stream.next(latents.narrowed(2, 0..<1))
        var copy = stream
        let ahead = try copy.next(latents.narrowed(2, 1..<3))
        #expect(try stream.next(latents.narrowed(2, 1..<3)).largestDifference(from: ahead) == 0)
    }

    /// Whoever wants to try again keeps a copy, which is not disturbed.
    @Test(arguments: Golden.all("vae.decoder")) func aCopySurvivesAFailure(golden: Golden) throws {
        let latents = try golden.input("latents")
        let decoder = try golden.decoder()
        var (disturbed, plain) = (DecoderStream(decoder), DecoderStream(decoder))
        for start in 0..<3 {
            let chunk = try latents.narrowed(2, start..<(start + 1))
            let copy = disturbed
            // Without memory there is nothing to compute: it fails somewhere inside.
            #expect(throws: TorchError.self) { try disturbed.next(chunk.moved(to: .meta)) }
            disturbed = copy
            #expect(try disturbed.next(chunk).largestDifference(from: plain.next(chunk)) == 0)
        }
    }

    @Test(arguments: Golden.all("vae.decoder")) func aSingleTileIsTheWholeFrame(golden: Golden) throws {
        let decoder = try golden.decoder()
        let latents = try golden.input("latents")
        var (tiled, whole) = (TiledDecoderStream(decoder), DecoderStream(decoder))
        for part in [0..<1, 1..<3] {
            let chunk = try latents.narrowed(2, part)
            #expect(try tiled.next(chunk).largestDifference(from: whole.next(chunk)) == 0)
        }
    }

    /// Where only one tile is, its own decode is shown; where two are, something between them.
    @Test(arguments: Golden.all("vae.decoder"), DecodeForm.allCases)
    func tilesBlendWhereTheyOverlap(golden: Golden, form: DecodeForm) throws {
        let decoder = try golden.decoder()
        let latents = try golden.input("latents")
        let wide = try Tensor.concatenated([latents, latents.flipped(4), latents], dimension: 4).narrowed(4, 0..<5)
        let grid = TiledDecoderStream.Grid(tileHeight: 3, tileWidth: 3, overlap: 1)
        var tiled = TiledDecoderStream(decoder, form: form, grid: grid)
        let frames = try tiled.next(wide)
        let left = try decoder(wide.narrowed(4, 0..<3), form: form)
        let right = try decoder(wide.narrowed(4, 2..<5), form: form)

        let ratio = decoder.configuration.pixelsPerLatent
        func columns(_ tensor: Tensor, _ range: Range<Int>) throws -> Tensor {
            try tensor.narrowed(3, (range.lowerBound * ratio)..<(range.upperBound * ratio))
        }
        #expect(frames.extent(3) == 5 * ratio)
        #expect(try columns(frames, 0..<2).largestDifference(from: columns(left, 0..<2)) <= 1e-5)
        #expect(try columns(frames, 3..<5).largestDifference(from: columns(right, 1..<3)) <= 1e-5)
        let (blended, a, b) = (try columns(frames, 2..<3), try columns(left, 2..<3), try columns(right, 0..<1))
        #expect(try (a.minimum(b) - blended).maximum(over: []).item() <= 1e-5)
        #expect(try (blended - a.maximum(b)).maximum(over: []).item() <= 1e-5)
    }
}
