import Foundation
import Safetensors
import Testing
import Torch

@testable import Mochi

/// Goal: the autoencoder is diffusers' own, block by block and as a whole. Method: recordings of small random models.
/// Tolerances: relative to the largest magnitude; a block sums up to a thousand fp32 products in another order (1e-5),
/// a whole model passes several of them one after the other (1e-4).
@Suite struct VAEGoldenTests {
    @Test(arguments: Golden.all("vae.norm")) func normalisation(golden: Golden) throws {
        let norm = try FrameNorm(golden.integer("channels"), weights: golden.weights())
        try golden.expect(norm(golden.input("x").squeezed(0)).unsqueezed(0), equals: "y", within: 1e-5)
    }

    @Test(arguments: Golden.all("vae.attention")) func attention(golden: Golden) throws {
        let weights = golden.weights(dtype: .float32)
        let attention = try TemporalAttention(
            golden.integer("channels"), norm: weights / "norms" / 0, weights: weights / "attentions" / 0)
        try golden.expect(attention(golden.input("x").squeezed(0)).unsqueezed(0), equals: "y", within: 1e-5)
    }

    @Test(arguments: Golden.all("vae.resnet")) func residualBlock(golden: Golden) throws {
        let block = try ResidualBlock(golden.integer("channels"), weights: golden.weights(dtype: .float32))
        var state = ResidualBlock.State()
        let result = try block(golden.input("x").squeezed(0), state: &state).unsqueezed(0)
        try golden.expect(result, equals: "y", within: 1e-5)
    }

    @Test(arguments: Golden.all("vae.up_block")) func upBlock(golden: Golden) throws {
        let block = try UpBlock(
            golden.integer("in_channels"), golden.integer("out_channels"), layers: golden.integer("num_layers"),
            temporal: golden.integer("temporal_expansion"), spatial: golden.integer("spatial_expansion"),
            weights: golden.weights(dtype: .float32))
        var state = UpBlock.State()
        let result = try block(golden.input("x").squeezed(0), form: .diffusers, state: &state).unsqueezed(0)
        try golden.expect(result, equals: "y", within: 1e-5)
    }

    @Test(arguments: Golden.all("vae.decoder"), DecodeForm.allCases)
    func decoder(golden: Golden, form: DecodeForm) throws {
        var stream = DecoderStream(try golden.decoder(), form: form)
        let colours = try stream.nextColours(golden.input("latents"))
        try golden.expect(colours.transposed(0, 1).unsqueezed(0), equals: form.rawValue, within: 1e-4)
    }

    @Test(arguments: Golden.all("vae.decoder"), DecodeForm.allCases)
    func shownFramesAreHalvedAndCutOff(golden: Golden, form: DecodeForm) throws {
        let shown = try golden.output(form.rawValue).squeezed(0).transposed(0, 1).displayed()
        let frames = try golden.decoder()(golden.input("latents"), form: form, chunkLength: 2)
        #expect(frames.shape == shown.shape && frames.dtype == .float32)
        #expect(try frames.largestDifference(from: shown) <= 1e-4)
    }

    @Test(arguments: Golden.all("vae.decoder")) func aStillIsTheFirstFrame(golden: Golden) throws {
        let still = try StillDecoder(golden.decoder())
        let latents = try golden.input("latents")
        let expected = try golden.output("genmo").selected(2, 0)
        let image = try still.colours(of: latents.selected(2, 0))
        let difference = try image.relativeDifference(from: expected)
        GoldenReport.add("vae.decoder still, against frame 0", measured: difference, allowed: 1e-5)
        #expect(difference <= 1e-5)

        let stills = try latents.squeezed(0).transposed(0, 1)
        let batch = try still(stills)
        #expect(batch.extent(0) == latents.extent(2))
        for index in 0..<latents.extent(2) {
            let single = try still(stills.narrowed(0, index..<(index + 1)))
            #expect(try batch.narrowed(0, index..<(index + 1)).largestDifference(from: single) <= 1e-5)
        }
    }

    /// bf16 keeps 8 bits: 0.4 % per rounding, some ten roundings one after the other.
    @Test(arguments: Golden.all("vae.decoder")) func halfTheMemoryCostsLittle(golden: Golden) throws {
        let latents = try golden.input("latents")
        let coarse = try golden.decoder(dtype: .bfloat16)
        let frames = try coarse(latents)
        #expect(frames.dtype == .float32)
        #expect(try frames.largestDifference(from: golden.decoder()(latents)) <= 2e-2)
        let image = try StillDecoder(coarse)(latents.selected(2, 0))
        #expect(try image.largestDifference(from: frames.narrowed(0, 0..<1)) <= 2e-2)
    }

    @Test(arguments: Golden.all("vae.encoder")) func encoder(golden: Golden) throws {
        let encoder = try VAEEncoder(golden.vae(), weights: golden.weights(dtype: .float32))
        let video = try golden.input("video")
        let plain = try encoder.distribution(of: video)
        try golden.expect(plain.mean, equals: "mean", within: 1e-4)
        try golden.expect(plain.logVariance, equals: "logvar", within: 1e-4)
        try golden.expect(encoder(video).mean, equals: "latents", within: 1e-4)
        try golden.expect(encoder.distribution(of: golden.input("image")).mean, equals: "image.mean", within: 1e-4)
    }
}

extension Golden {
    func vae() throws -> VAEConfiguration {
        try VAEConfiguration(json: JSONSerialization.data(withJSONObject: config), file: name)
    }

    func decoder(dtype: DType = .float32) throws -> VAEDecoder {
        try VAEDecoder(vae(), weights: weights(dtype: dtype))
    }
}

extension Tensor {
    func largestDifference(from other: Tensor) throws -> Double {
        #expect(shape == other.shape)
        return try (converted(to: .float64) - other.converted(to: .float64)).absolute().maximum(over: []).item()
    }

    /// Relative to the largest magnitude of the other.
    func relativeDifference(from other: Tensor) throws -> Double {
        try largestDifference(from: other) / max(other.absolute().maximum(over: []).item(), 1e-30)
    }
}
