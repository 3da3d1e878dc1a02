import FoundationEssentials
import Torch

@testable import CLIP

/// A CLIP folder with a tiny model of constant weights, to be broken by tests.
struct CLIPFolder {
    let path: String

    static let config = """
        {"model_type": "clip", "projection_dim": 4,
         "text_config": {"vocab_size": 516, "max_position_embeddings": 8, "hidden_size": 4, "intermediate_size": 8,
                         "num_hidden_layers": 1, "num_attention_heads": 2, "eos_token_id": 515},
         "vision_config": {"hidden_size": 4, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2,
                           "image_size": 4, "patch_size": 2}}
        """
    static let preprocessor = #"{"size": 4, "crop_size": {"height": 4, "width": 4}, "resample": 3}"#
    static let merges = "#version: 0.2\nt h\nth e</w>\n"

    /// The 512 byte tokens, two merges, start 514 and end 515.
    static var vocabulary: [String: Int32] {
        let letters = ByteAlphabet.characters.map(String.init)
        let tokens = letters + letters.map { $0 + "</w>" } + ["th", "the</w>", "<|startoftext|>", "<|endoftext|>"]
        return Dictionary(uniqueKeysWithValues: tokens.enumerated().map { ($0.element, Int32($0.offset)) })
    }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(path)/\(name)"))
    }
    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(path)/\(name)") }

    /// Runs `body` with a complete folder of its own, removed afterwards.
    static func with(weights hasWeights: Bool = true, _ body: (CLIPFolder) throws -> Void) throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: url) }
        let folder = CLIPFolder(path: url.path)
        try folder.write(config, to: "config.json")
        try folder.write(preprocessor, to: "preprocessor_config.json")
        try folder.write(merges, to: "merges.txt")
        try JSONEncoder().encode(vocabulary).write(to: url.appending(path: "vocab.json"))
        if hasWeights { try Tensor.save(weights(), to: "\(folder.path)/model.safetensors") }
        try body(folder)
    }

    /// Numbers that differ from one another, under the published names.
    private static func weights() throws -> [String: Tensor] {
        var shapes: [String: [Int]] = [
            "text_projection.weight": [4, 4], "visual_projection.weight": [4, 4], "logit_scale": [1],
            "text_model.embeddings.token_embedding.weight": [516, 4],
            "text_model.embeddings.position_embedding.weight": [8, 4],
            "vision_model.embeddings.class_embedding": [4],
            "vision_model.embeddings.patch_embedding.weight": [4, 3, 2, 2],
            "vision_model.embeddings.position_embedding.weight": [5, 4],
        ]
        let norms = ["text_model.final_layer_norm", "vision_model.pre_layrnorm", "vision_model.post_layernorm"]
        for tower in ["text_model", "vision_model"] {
            let layer = "\(tower).encoder.layers.0"
            for name in ["q", "k", "v", "out"] {
                shapes["\(layer).self_attn.\(name)_proj.weight"] = [4, 4]
                shapes["\(layer).self_attn.\(name)_proj.bias"] = [4]
            }
            (shapes["\(layer).mlp.fc1.weight"], shapes["\(layer).mlp.fc1.bias"]) = ([8, 4], [8])
            (shapes["\(layer).mlp.fc2.weight"], shapes["\(layer).mlp.fc2.bias"]) = ([4, 8], [4])
        }
        for norm in norms
            + shapes.keys.filter({ $0.hasSuffix("fc1.bias") }).flatMap({ key in
                ["1", "2"].map { key.dropLast("mlp.fc1.bias".count) + "layer_norm" + $0 }
            })
        {
            (shapes["\(norm).weight"], shapes["\(norm).bias"]) = ([4], [4])
        }
        let generator = try Generator(seed: 1)
        return try shapes.sorted { $0.key < $1.key }.reduce(into: [:]) { $0[$1.key] = try generator.normal($1.value) }
    }
}
