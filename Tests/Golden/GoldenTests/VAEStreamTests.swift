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
            // Convolutions of other lengths may choose other kernels of oneDNN: equal up to the order of summation.
            #expect(try frames.relativeDifference(from: expected) <= 1e-6, "chunks of \(length)")
        }
    }

    @Test(arguments: Golden.all("vae.decoder")) func theFirstFrameKnowsNothingOfLaterOnes(golden: Golden) throws {
        let decoder = try golden.decoder()
        let latents = try golden.input("latents")
        var (alone, whole) = (DecoderStream(decoder), DecoderStream(decoder))
        let first = try alone.nextColours(latents.narrowed(2, 0..<1))
        #expect(first.extent(0) == 1)
        let reference = try whole.nextColours(latents).narrowed(0, 0..<1)
        #expect(try first.relativeDifference(from: reference) <= 1e-6)
    }

    @Test(arguments: Golden.all("vae.decoder")) func aStreamsCopyContinuesByItself(golden: Golden) throws {
        let latents = try golden.input("latents")
        var stream = DecoderStream(try golden.decoder())
        _ = try stream.next(latents.narrowed(2, 0..<1))
        var copy = stream
        let ahead = try copy.next(latents.narrowed(2, 1..<3))
        #expect(try stream.next(latents.narrowed(2, 1..<3)).largestDifference(from: ahead) == 0)
    }

    @Test(arguments: Golden.all("vae.decoder")) func aFailedChunkMayBeGivenAgain(golden: Golden) throws {
        let latents = try golden.input("latents")
        let decoder = try golden.decoder()
        var (disturbed, plain) = (DecoderStream(decoder), DecoderStream(decoder))
        for start in 0..<3 {
            let chunk = try latents.narrowed(2, start..<(start + 1))
            // Without memory there is nothing to compute: it fails somewhere inside.
            #expect(throws: TorchError.self) { try disturbed.next(chunk.moved(to: .meta)) }
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

    /// Every tile of a picture of one colour has the whole's statistics, so that only seams could differ.
    @Test(arguments: Golden.all("vae.decoder"), DecodeForm.allCases)
    func tilesOfOneColourHaveNoSeams(golden: Golden, form: DecodeForm) throws {
        let decoder = try golden.decoder()
        let colour = try golden.input("latents").narrowed(3, 0..<1).narrowed(4, 0..<1)
        let latents = try colour.expanded(to: Array(colour.shape.prefix(3)) + [7, 9]).contiguous()
        var tiled = TiledDecoderStream(decoder, form: form, grid: .init(tileHeight: 4, tileWidth: 5, overlap: 1))
        #expect(try tiled.next(latents).largestDifference(from: decoder(latents, form: form)) <= 1e-5)
    }
}
