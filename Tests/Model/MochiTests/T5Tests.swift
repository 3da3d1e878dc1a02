import Foundation
import Safetensors
import Testing
import Torch

@testable import Mochi

/// Goal: the encoder's configuration is refused with file and key, its buckets are the published ones, and what is
/// masked is not seen.
@Suite struct T5Tests {
    /// `text_encoder/config.json` as it is published for Mochi-1, without the keys that nothing here depends on.
    private let published: [String: any Sendable] = [
        "architectures": ["T5EncoderModel"], "d_ff": 10240, "d_kv": 64, "d_model": 4096, "dense_act_fn": "gelu_new",
        "feed_forward_proj": "gated-gelu", "is_gated_act": true, "layer_norm_epsilon": 1e-06, "model_type": "t5",
        "num_heads": 64, "num_layers": 24, "relative_attention_max_distance": 128,
        "relative_attention_num_buckets": 32, "vocab_size": 32128,
    ]

    private func parse(
        _ changes: [String: any Sendable] = [:], without key: String? = nil
    ) throws -> T5Configuration {
        var values = published.merging(changes) { $1 }
        if let key { values[key] = nil }
        return try T5Configuration(json: JSONSerialization.data(withJSONObject: values), file: "config.json")
    }

    @Test func thePublishedConfigurationIsRead() throws {
        let configuration = try parse()
        #expect(configuration.width == 4096 && configuration.headWidth == 64 && configuration.hiddenWidth == 10240)
        #expect(configuration.layers == 24 && configuration.heads == 64 && configuration.vocabularyCount == 32128)
        #expect(configuration.positionBuckets == 32 && configuration.positionDistance == 128)
        #expect(configuration.normEpsilon == 1e-6)
    }

    /// On no device: nothing is allocated.
    @Test func thePublishedModelHasItsNumberOfParameters() throws {
        let weights = Weights(emptyOf: .bfloat16, on: .meta)
        _ = try T5Encoder(parse(), weights: weights.root)
        #expect(weights.parameterCount == 4_762_310_656)
    }

    @Test func valuesThatNoT5HasAreNamed() {
        let wrong: [(String, any Sendable)] = [
            ("d_model", 0), ("d_kv", -1), ("d_ff", 1 << 40), ("num_layers", 0), ("num_heads", 0), ("vocab_size", 0),
            ("relative_attention_num_buckets", 31), ("relative_attention_num_buckets", 2),
            ("relative_attention_max_distance", 8), ("layer_norm_epsilon", 0), ("layer_norm_epsilon", 2),
            ("feed_forward_proj", "relu"), ("feed_forward_proj", "gated-silu"), ("d_model", "wide"), ("d_ff", 1.5),
        ]
        for (key, value) in wrong {
            let error = #expect(throws: ModelFolderError.self) { try parse([key: value]) }
            #expect(error?.file == "config.json" && error?.key == key, "\(key): \(String(describing: error))")
        }
        for key in ["d_ff", "feed_forward_proj"] {
            #expect(throws: ModelFolderError(file: "config.json", key: key, reason: "is missing")) {
                try parse(without: key)
            }
        }
    }

    @Test func aFileIsRead() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString).json").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try JSONSerialization.data(withJSONObject: published).write(to: URL(filePath: path))
        #expect(try T5Configuration(contentsOf: path) == parse())
        try Data(repeating: 0x20, count: 2 << 20).write(to: URL(filePath: path))
        #expect(throws: ModelFolderError.self) { try T5Configuration(contentsOf: path) }
    }

    @Test func missingAndForeignFilesAreNamed() {
        let missing = #expect(throws: ModelFolderError.self) { try T5Configuration(contentsOf: "/nowhere/config.json") }
        #expect(missing?.description == "/nowhere/config.json: No such file or directory")
        #expect(throws: ModelFolderError.self) { try T5Configuration(contentsOf: "/") }
        #expect(throws: ModelFolderError.self) { try T5Configuration(contentsOf: "/dev/zero") }
        let foreign = #expect(throws: ModelFolderError.self) {
            try T5Configuration(json: Data("T5".utf8), file: "config.json")
        }
        #expect(foreign?.description == "config.json: is not the JSON of a configuration")
    }

    /// The definition, transcribed in fp64, with a margin where a bucket begins.
    @Test(arguments: [(32, 128), (16, 64), (8, 20), (64, 300), (4, 2)])
    func bucketsFollowTheirDefinition(buckets: Int, distance: Int) {
        let half = buckets / 2
        let exact = half / 2
        for offset in -2 * distance...2 * distance {
            let magnitude = abs(offset)
            let side = offset > 0 ? half : 0
            let found = T5PositionBias.bucket(offset, buckets: buckets, distance: distance) - side
            if magnitude < exact {
                #expect(found == magnitude)
                continue
            }
            let place = log(Double(magnitude) / Double(exact)) / log(Double(distance) / Double(exact))
            let position = place * Double(half - exact)
            let candidates = [position - 1e-5, position + 1e-5].map { min(exact + Int(max($0, 0)), half - 1) }
            #expect(candidates.contains(found), "offset \(offset): \(found), expected one of \(candidates)")
        }
    }

    /// A prompt's features do not depend on what stands in its padding, nor on the prompt beside it.
    @Test func maskedTokensAreNotSeen() throws {
        let encoder = try smallEncoder()
        let mask = try Tensor([true, true, true, false, false, true, true, true, true, true], shape: [2, 5])
        let plain = try encoder(Tensor([3, 4, 1, 0, 0, 5, 6, 7, 8, 1] as [Int64], shape: [2, 5]), mask: mask)
        let other = try encoder(Tensor([3, 4, 1, 9, 8, 9, 9, 9, 9, 1] as [Int64], shape: [2, 5]), mask: mask)
        #expect(plain.shape == [2, 5, 8])
        let valid = try plain.selected(0, 0).narrowed(0, 0..<3)
        let difference = try valid - other.selected(0, 0).narrowed(0, 0..<3)
        #expect(try difference.absolute().maximum(over: []).item() == 0)
        #expect(try plain.isFinite())
    }

    private func smallEncoder() throws -> T5Encoder {
        let configuration = try parse([
            "d_model": 8, "d_kv": 4, "d_ff": 16, "num_heads": 2, "num_layers": 2, "vocab_size": 10,
        ])
        let folder = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let generator = try Generator(seed: 7)
        var tensors: [String: Tensor] = [:]
        for (key, shape) in shapes(of: configuration).sorted(by: { $0.key < $1.key }) {
            tensors[key] = try generator.normal(shape)
        }
        try Tensor.save(tensors, to: folder.path + "/model.safetensors")
        let weights = Weights(try SafetensorsArchive(folder: folder.path, name: "model"))
        let encoder = try T5Encoder(configuration, weights: weights.root)
        try weights.requireAllTaken()
        return encoder
    }

    /// All weights under their published names.
    private func shapes(of configuration: T5Configuration) -> [String: [Int]] {
        let (width, hidden) = (configuration.width, configuration.hiddenWidth)
        let inner = configuration.heads * configuration.headWidth
        var shapes = ["shared.weight": [configuration.vocabularyCount, width]]
        shapes["encoder.final_layer_norm.weight"] = [width]
        for index in 0..<configuration.layers {
            let layer = "encoder.block.\(index).layer"
            for name in ["q", "k", "v"] { shapes["\(layer).0.SelfAttention.\(name).weight"] = [inner, width] }
            shapes["\(layer).0.SelfAttention.o.weight"] = [width, inner]
            shapes["\(layer).0.layer_norm.weight"] = [width]
            shapes["\(layer).1.layer_norm.weight"] = [width]
            shapes["\(layer).1.DenseReluDense.wi_0.weight"] = [hidden, width]
            shapes["\(layer).1.DenseReluDense.wi_1.weight"] = [hidden, width]
            shapes["\(layer).1.DenseReluDense.wo.weight"] = [width, hidden]
        }
        let table = "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"
        shapes[table] = [configuration.positionBuckets, configuration.heads]
        return shapes
    }
}
