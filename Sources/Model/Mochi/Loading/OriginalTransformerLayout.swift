import FoundationEssentials
import Safetensors
import Torch

/// The transformer as its authors publish it: one `dit.safetensors`, without a configuration.
///
/// Other names than in the published folder; queries, keys and values fused; the halves of the feed-forward's first
/// weight and of the last modulation the other way round.
/// Reference: diffusers 0.42.1 `loaders/single_file_utils.py`, `convert_mochi_transformer_checkpoint_to_diffusers`.
enum OriginalTransformerLayout {
    /// Where the file keeps the weight that the published folder calls `name`.
    static func place(of name: String) -> StoredWeight {
        var path = name.split(separator: ".").map(String.init)
        guard path.count > 2, path[0] == "transformer_blocks" else { return outer(name) }
        let block = "blocks.\(path[1])."
        let parameter = path.removeLast()
        let inner = path.dropFirst(2).joined(separator: ".")
        if let key = renamed[inner] { return StoredWeight(key: "\(block)\(key).\(parameter)") }
        if let (key, part) = fused[inner] {
            return StoredWeight(key: "\(block)\(key).\(parameter)", parts: [part], of: 3)
        }
        if let key = swapped[inner] {
            return StoredWeight(key: "\(block)\(key).\(parameter)", parts: [1, 0], of: 2)
        }
        return StoredWeight(key: name)
    }

    private static func outer(_ name: String) -> StoredWeight {
        guard let dot = name.lastIndex(of: ".") else { return StoredWeight(key: name) }
        let (module, parameter) = (String(name[..<dot]), name[dot...])
        if module == "norm_out.linear" {
            return StoredWeight(key: "final_layer.mod\(parameter)", parts: [1, 0], of: 2)
        }
        return StoredWeight(key: outerNames[module].map { "\($0)\(parameter)" } ?? name)
    }

    private static let outerNames = [
        "patch_embed.proj": "x_embedder.proj",
        "time_embed.timestep_embedder.linear_1": "t_embedder.mlp.0",
        "time_embed.timestep_embedder.linear_2": "t_embedder.mlp.2",
        "time_embed.pooler.to_kv": "t5_y_embedder.to_kv",
        "time_embed.pooler.to_q": "t5_y_embedder.to_q",
        "time_embed.pooler.to_out": "t5_y_embedder.to_out",
        "time_embed.caption_proj": "t5_yproj",
        "proj_out": "final_layer.linear",
    ]

    private static let renamed = [
        "norm1.linear": "mod_x",
        "norm1_context.linear": "mod_y",
        // Of the last block, which has no text stream behind it.
        "norm1_context.linear_1": "mod_y",
        "attn1.norm_q": "attn.q_norm_x",
        "attn1.norm_k": "attn.k_norm_x",
        "attn1.norm_added_q": "attn.q_norm_y",
        "attn1.norm_added_k": "attn.k_norm_y",
        "attn1.to_out.0": "attn.proj_x",
        "attn1.to_add_out": "attn.proj_y",
        "ff.net.2": "mlp_x.w2",
        "ff_context.net.2": "mlp_y.w2",
    ]

    private static let fused = [
        "attn1.to_q": ("attn.qkv_x", 0), "attn1.to_k": ("attn.qkv_x", 1), "attn1.to_v": ("attn.qkv_x", 2),
        "attn1.add_q_proj": ("attn.qkv_y", 0), "attn1.add_k_proj": ("attn.qkv_y", 1),
        "attn1.add_v_proj": ("attn.qkv_y", 2),
    ]

    private static let swapped = ["ff.net.0.proj": "mlp_x.w1", "ff_context.net.0.proj": "mlp_y.w1"]

    /// The sizes, read off the tensors' shapes.
    ///
    /// - Throws: `ModelFolderError` naming the tensor that is missing or of an odd shape.
    static func configuration(of file: SafetensorsFile) throws(ModelFolderError) -> TransformerConfiguration {
        let shapes = TensorShapes(of: file)
        let patch = try shapes["x_embedder.proj.weight", rank: 4]
        let frequencies = try shapes["pos_frequencies", rank: 3]
        let text = try shapes["t5_yproj.weight", rank: 2]
        let fields: [String: Int] = [
            "patch_size": patch[2],
            "num_attention_heads": frequencies[1],
            "attention_head_dim": 2 * frequencies[2],
            "num_layers": shapes.childCount(of: "blocks"),
            "pooled_projection_dim": text[0],
            "in_channels": patch[1],
            "text_embed_dim": text[1],
            "time_embed_dim": try shapes["t_embedder.mlp.0.weight", rank: 2][1],
            "max_sequence_length": T5Tokenizer.promptLength,
        ]
        return try TransformerConfiguration(json: encoded(fields, file.path), file: file.path)
    }

    private static func encoded(_ fields: [String: Int], _ file: String) throws(ModelFolderError) -> Data {
        do { return try JSONEncoder().encode(fields) } catch { throw ModelFolderError(error, in: file) }
    }
}
