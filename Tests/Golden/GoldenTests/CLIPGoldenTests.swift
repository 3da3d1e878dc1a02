import Foundation
import Testing
import Torch

@testable import CLIP

/// Goal: CLIP computes what transformers computes. Method: recordings of small random models, block by block from
/// equal inputs, then the towers as a whole.
@Suite struct CLIPGoldenTests {
    /// fp32 sums in another order: some 1e-7 per block, a little more over a tower.
    private let blockTolerance = 2e-6
    private let towerTolerance = 1e-5

    @Test(arguments: Golden.all("clip.text"))
    func theTextTowerEqualsTheReference(golden: Golden) throws {
        let configuration = try golden.clipConfiguration()
        let model = try CLIPTextModel(
            configuration.text, projectionWidth: configuration.projectionWidth, weights: golden.weights())
        let ids = try golden.input("ids")
        try golden.expect(model.embeddings(ids), equals: "state.0", within: blockTolerance)
        for (index, layer) in model.layers.enumerated() {
            let x = try golden.output("state.\(index)")
            try golden.expect(layer(x), equals: "state.\(index + 1)", within: blockTolerance)
        }
        try golden.expect(model.states(of: ids), equals: "last", within: towerTolerance)
        try golden.expect(model.pooled(golden.output("last"), ids: ids), equals: "pooled", within: 0)
        let projected = try model(ids)
        try golden.expect(projected, equals: "projected", within: towerTolerance)
        try golden.expect(CLIP.normalized(projected), equals: "embedding", within: towerTolerance)
    }

    @Test(arguments: Golden.all("clip.vision"))
    func theImageTowerEqualsTheReference(golden: Golden) throws {
        let configuration = try golden.clipConfiguration()
        let model = try CLIPVisionModel(
            configuration.vision, projectionWidth: configuration.projectionWidth, weights: golden.weights())
        let pixels = try golden.input("pixels")
        try golden.expect(model.embeddings(pixels), equals: "embedded", within: blockTolerance)
        try golden.expect(model.entry(of: pixels), equals: "state.0", within: blockTolerance)
        for (index, layer) in model.layers.enumerated() {
            let x = try golden.output("state.\(index)")
            try golden.expect(layer(x), equals: "state.\(index + 1)", within: blockTolerance)
        }
        try golden.expect(model.states(of: pixels), equals: "last", within: towerTolerance)
        try golden.expect(model.pooled(golden.output("last")), equals: "pooled", within: blockTolerance)
        let projected = try model(pixels)
        try golden.expect(projected, equals: "projected", within: towerTolerance)
        try golden.expect(CLIP.normalized(projected), equals: "embedding", within: towerTolerance)
    }

    /// Bytes are equal, not only close: the resampling computes Pillow's integers.
    @Test(arguments: Golden.all("clip.preprocess"))
    func preprocessingEqualsTheReference(golden: Golden) throws {
        let preprocessing = try JSONDecoder().decode(CLIPPreprocessing.self, from: golden.json())
        for number in 0..<5 {
            let image = try golden.input("image.\(number)").converted(to: .float32) / 255
            let bytes = try preprocessing.cropped(preprocessing.resized(preprocessing.bytes(of: image)))
            try golden.expect(bytes, equals: "bytes.\(number)", within: 0)
            try golden.expect(preprocessing(image), equals: "pixels.\(number)", within: 1e-6)
        }
    }

    /// As they come out of the decoder, pixels lie between bytes: the nearest byte is taken.
    @Test func imagesAreBroughtToBytesFirst() throws {
        let values: [Float] = [-0.1, 0, 0.4 / 255, 0.6 / 255, 254.4 / 255, 1, 1.5, 0.5, 100.2 / 255, 1, 1, 1]
        let bytes = try CLIPPreprocessing().bytes(of: Tensor(values, shape: [1, 3, 2, 2]))
        #expect(try bytes.array(of: Double.self) == [0, 0, 0, 1, 254, 255, 255, 128, 100, 255, 255, 255])
    }
}

extension Golden {
    func json() throws -> Data { try JSONSerialization.data(withJSONObject: config) }

    func clipConfiguration() throws -> CLIPConfiguration {
        try JSONDecoder().decode(CLIPConfiguration.self, from: json())
    }
}
