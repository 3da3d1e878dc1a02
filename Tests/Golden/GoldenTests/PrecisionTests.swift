import Foundation
import Safetensors
import Testing
import Torch

@testable import Mochi

/// Goal: bf16 weights cost a block 1 % at most, and the velocity of a step 2 %. Method: the recordings' drawn models,
/// weights rounded to bf16, computed with these weights and with the same ones in fp32, on equal inputs. The recorded
/// outputs play no part.
///
/// The measure is the relative L2 distance; the largest difference over the largest element is printed beside it.
@Suite struct PrecisionTests {
    /// The weights of a recording, rounded to bf16, as they are and in fp32.
    private func weights(_ golden: Golden) throws -> (narrow: WeightScope, wide: WeightScope) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "storyfarm-precision-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "weights.safetensors").path
        try Tensor.save(golden.allWeights().mapValues { try $0.converted(to: .bfloat16) }, to: path)
        // Mapped until the last tensor over it is gone, also where the file itself is.
        let archive = SafetensorsArchive(file: try SafetensorsFile(path: path))
        return (
            Weights(archive, dtype: .bfloat16).root / "weights", Weights(archive, dtype: .float32).root / "weights"
        )
    }

    private func rounded(_ tensor: Tensor) throws -> (narrow: Tensor, wide: Tensor) {
        let narrow = try tensor.converted(to: .bfloat16)
        return (narrow, try narrow.converted(to: .float32))
    }

    private func expect(
        _ narrow: Tensor, near wide: Tensor, within bar: Double = 1e-2, _ what: String, _ golden: Golden,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let reference = try wide.converted(to: .float64)
        let difference = try narrow.converted(to: .float64) - reference
        let distance = try (difference * difference).sum().squareRoot().item()
        let length = try (reference * reference).sum().squareRoot().item()
        let largest = try difference.absolute().maximum(over: []).item() / reference.absolute().maximum(over: []).item()
        let relative = distance / length
        print("bf16 \(what), \(golden.name): L2 \(relative.short), largest \(largest.short), bar \(bar.short)")
        GoldenReport.add("bf16 \(what), relative L2", measured: relative, allowed: bar)
        #expect(relative <= bar, "\(golden.name): \(what)", sourceLocation: sourceLocation)
    }

    @Test(arguments: Golden.all("dit.parts")) func transformerBlocks(golden: Golden) throws {
        let configuration = try TransformerConfiguration(recorded: golden)
        let weights = try weights(golden)
        let (visual, text) = (try rounded(golden.input("visual")), try rounded(golden.input("text")))
        let conditioning = try rounded(golden.input("conditioning"))
        let frequencies = try weights.wide.tensor(
            "pos_frequencies", [3, configuration.heads, configuration.headWidth / 2])
        let rotation = try RotaryEmbedding(
            frequencies: frequencies, frames: golden.integer("frames"), height: golden.integer("height"),
            width: golden.integer("width"))
        for index in [0, configuration.layers - 1] {
            let isLast = index > 0
            func block(_ scope: WeightScope) throws -> (TransformerBlock, JointAttention, FeedForward) {
                let scope = scope / "transformer_blocks" / index
                return (
                    try TransformerBlock(configuration, isLast: isLast, backend: .automatic, weights: scope),
                    try JointAttention(configuration, isLast: isLast, backend: .automatic, weights: scope / "attn1"),
                    try FeedForward(width: configuration.width, weights: scope / "ff")
                )
            }
            let (narrow, wide) = (try block(weights.narrow), try block(weights.wide))
            let a = try narrow.0(visual.narrow, text.narrow, conditioning: conditioning.narrow, rotation: rotation)
            let b = try wide.0(visual.wide, text.wide, conditioning: conditioning.wide, rotation: rotation)
            try expect(a.0, near: b.0, "block \(index), visual", golden)
            if let textA = a.1, let textB = b.1 { try expect(textA, near: textB, "block \(index), text", golden) }
            try expect(
                narrow.1(visual.narrow, text.narrow, rotation: rotation).0,
                near: wide.1(visual.wide, text.wide, rotation: rotation).0, "attention \(index)", golden)
            try expect(narrow.2(visual.narrow), near: wide.2(visual.wide), "feed-forward \(index)", golden)
        }
    }

    @Test(arguments: Golden.all("dit.parts")) func captionPooling(golden: Golden) throws {
        let configuration = try TransformerConfiguration(recorded: golden)
        func pooling(_ scope: WeightScope) throws -> CaptionPooling {
            try CaptionPooling(
                width: configuration.captionWidth, heads: 8, output: configuration.width,
                weights: scope / "time_embed" / "pooler")
        }
        let weights = try weights(golden)
        let features = try golden.input("features")
        try expect(
            pooling(weights.narrow)(features), near: pooling(weights.wide)(features), "caption pooling", golden)
    }

    @Test(arguments: Golden.all("dit.whole")) func velocity(golden: Golden) throws {
        let configuration = try TransformerConfiguration(recorded: golden)
        let weights = try weights(golden)
        let narrow = try MochiTransformer(configuration, weights: weights.narrow)
        let wide = try MochiTransformer(configuration, weights: weights.wide)
        let (latents, features) = (try golden.input("latents"), try golden.input("features"))
        for step in [0, 16, 40, 63] {
            let timestep = NoiseSchedule(steps: 64).timestep(at: step)
            let pair = (
                try narrow(latents, features: features, timestep: timestep),
                try wide(latents, features: features, timestep: timestep)
            )
            #expect(pair.0.dtype == .float32)
            try expect(pair.0, near: pair.1, within: 2e-2, "velocity at step \(step)", golden)
        }
    }

    @Test(arguments: Golden.all("t5.block")) func textEncoderBlock(golden: Golden) throws {
        let json = try JSONSerialization.data(withJSONObject: golden.config)
        let configuration = try T5Configuration(json: json, file: golden.name)
        let weights = try weights(golden)
        let x = try rounded(golden.input("x"))
        func run(_ scope: WeightScope, _ x: Tensor) throws -> Tensor {
            let bias = try T5PositionBias(configuration, weights: scope).masked(golden.input("mask"))
            return try T5Block(configuration, weights: scope)(x, bias: bias)
        }
        try expect(run(weights.narrow, x.narrow), near: run(weights.wide, x.wide), "T5 block", golden)
    }

    @Test(arguments: Golden.all("vae.resnet")) func residualBlock(golden: Golden) throws {
        let weights = try weights(golden)
        let x = try rounded(golden.input("x").squeezed(0))
        func run(_ scope: WeightScope, _ x: Tensor) throws -> Tensor {
            var state = ResidualBlock.State()
            return try ResidualBlock(golden.integer("channels"), weights: scope)(x, state: &state)
        }
        try expect(run(weights.narrow, x.narrow), near: run(weights.wide, x.wide), "residual block", golden)
    }

    @Test(arguments: Golden.all("vae.up_block")) func upBlock(golden: Golden) throws {
        let weights = try weights(golden)
        let x = try rounded(golden.input("x").squeezed(0))
        func run(_ scope: WeightScope, _ x: Tensor) throws -> Tensor {
            let block = try UpBlock(
                golden.integer("in_channels"), golden.integer("out_channels"), layers: golden.integer("num_layers"),
                temporal: golden.integer("temporal_expansion"), spatial: golden.integer("spatial_expansion"),
                weights: scope)
            var state = UpBlock.State()
            return try block(x, form: .genmo, state: &state)
        }
        try expect(run(weights.narrow, x.narrow), near: run(weights.wide, x.wide), "up block", golden)
    }
}

extension Double {
    fileprivate var short: String { String(format: "%.1e", self) }
}
