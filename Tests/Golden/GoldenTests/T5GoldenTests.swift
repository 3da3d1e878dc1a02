import Foundation
import Testing
import Torch

@testable import Mochi

/// Goal: the text encoder is T5's. Method: transformers' own modules, recorded inside whole runs on drawn
/// configurations; fp32 sums in another order differ by some units of the last place, hence 1e-5.
@Suite struct T5GoldenTests {
    private let tolerance = 1e-5

    private func configuration(_ golden: Golden) throws -> T5Configuration {
        let json = try JSONSerialization.data(withJSONObject: golden.config)
        return try T5Configuration(json: json, file: golden.name)
    }

    @Test(arguments: Golden.all("t5.layer_norm"))
    func layerNorm(_ golden: Golden) throws {
        let norm = try T5LayerNorm(configuration(golden), weights: golden.weights())
        try golden.expect(norm(golden.input("x")), equals: "y", within: tolerance)
    }

    @Test(arguments: Golden.all("t5.feed_forward"))
    func feedForward(_ golden: Golden) throws {
        let layer = try T5FeedForward(configuration(golden), weights: golden.weights())
        try golden.expect(layer(golden.input("x")), equals: "y", within: tolerance)
    }

    @Test(arguments: Golden.all("t5.attention"))
    func attention(_ golden: Golden) throws {
        let configuration = try configuration(golden)
        let layer = try T5Attention(configuration, weights: golden.weights())
        let bias = try T5PositionBias(configuration, weights: golden.weights()).masked(golden.input("mask"))
        try golden.expect(layer(golden.input("x"), bias: bias), equals: "y", within: tolerance)
    }

    @Test(arguments: Golden.all("t5.block"))
    func block(_ golden: Golden) throws {
        let configuration = try configuration(golden)
        let block = try T5Block(configuration, weights: golden.weights())
        let bias = try T5PositionBias(configuration, weights: golden.weights()).masked(golden.input("mask"))
        try golden.expect(block(golden.input("x"), bias: bias), equals: "y", within: tolerance)
    }

    @Test(arguments: Golden.all("t5.encoder"))
    func encoder(_ golden: Golden) throws {
        let encoder = try T5Encoder(configuration(golden), weights: golden.weights())
        let features = try encoder(golden.input("ids"), mask: golden.input("mask"))
        try golden.expect(features, equals: "y", within: tolerance)
    }

    /// bf16 keeps 8 bits: sums in another order round differently at every layer.
    @Test(arguments: Golden.all("t5.encoder.bfloat16"))
    func encoderInBFloat16(_ golden: Golden) throws {
        let encoder = try T5Encoder(configuration(golden), weights: golden.weights())
        let features = try encoder(golden.input("ids"), mask: golden.input("mask"))
        #expect(features.dtype == .bfloat16)
        try golden.expect(features, equals: "y", within: 2e-2)
    }

    @Test(arguments: Golden.all("t5.buckets"))
    func buckets(_ golden: Golden) throws {
        let buckets = try golden.integer("relative_attention_num_buckets")
        let distance = try golden.integer("relative_attention_max_distance")
        let offsets = try golden.input("offsets").array(of: Int64.self)
        let found = offsets.map { T5PositionBias.bucket(Int($0), buckets: buckets, distance: distance) }
        #expect(try found == golden.output("buckets").array(of: Int64.self).map(Int.init))
    }
}
