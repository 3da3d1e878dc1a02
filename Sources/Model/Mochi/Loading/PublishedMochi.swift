import FoundationEssentials
import Torch

/// The published Mochi-1 (genmo/mochi-1-preview) as its configurations describe it, without its weights.
public enum PublishedMochi {
    /// `text_encoder/config.json`, what nothing here depends on left out: T5 v1.1 XXL.
    static let textEncoder = #"""
        { "d_model": 4096, "d_kv": 64, "d_ff": 10240, "num_layers": 24, "num_heads": 64, "vocab_size": 32128,
          "relative_attention_num_buckets": 32, "relative_attention_max_distance": 128, "layer_norm_epsilon": 1e-06,
          "feed_forward_proj": "gated-gelu" }
        """#

    /// `vae/config.json`.
    static let autoencoder = #"""
        { "in_channels": 15, "out_channels": 3, "latent_channels": 12, "act_fn": "silu", "scaling_factor": 1.0,
          "encoder_block_out_channels": [64, 128, 256, 384], "decoder_block_out_channels": [128, 256, 512, 768],
          "layers_per_block": [3, 3, 4, 6, 3], "temporal_expansions": [1, 2, 3], "spatial_expansions": [2, 2, 2],
          "add_attention_block": [false, true, true, true, true],
          "latents_mean": [-0.06730895953510081, -0.038011381506090416, -0.07477820912866141, -0.05565264470995561,
            0.012767231469026969, -0.04703542746246419, 0.043896967884726704, -0.09346305707025976,
            -0.09918314763016893, -0.008729793427399178, -0.011931556316503654, -0.0321993391887285],
          "latents_std": [0.9263795028493863, 0.9248894543193766, 0.9393059390890617, 0.959253732819592,
            0.8244560132752793, 0.917259975397747, 0.9294154431013696, 1.3720942357788521,
            0.881393668867029, 0.9168315692124348, 0.9185249279345552, 0.9274757570805041] }
        """#

    /// Builds every component on no device at all and counts what it asked for; of bf16, the text encoder of fp32.
    ///
    /// - Throws: `MochiError` if this code can't build the published model.
    public static func reports() throws(MochiError) -> [ComponentReport] {
        let text: T5Configuration
        let autoencoder: VAEConfiguration
        do throws(ModelFolderError) {
            text = try T5Configuration(json: Data(textEncoder.utf8), file: "text_encoder/config.json")
            autoencoder = try autoencoderConfiguration()
        } catch {
            throw .folder(error)
        }
        return [
            try report("text encoder", .float32) { (root) throws(LoadError) in
                _ = try T5Encoder(text, weights: root)
            },
            try report("transformer", .bfloat16) { (root) throws(LoadError) in
                _ = try MochiTransformer(TransformerConfiguration(), weights: root)
            },
            try report("VAE decoder", .bfloat16) { (root) throws(LoadError) in
                _ = try VAEDecoder(autoencoder, weights: root)
            },
            try report("VAE encoder", .bfloat16) { (root) throws(LoadError) in
                _ = try VAEEncoder(autoencoder, weights: root)
            },
        ]
    }

    /// That of `vae/config.json`.
    public static func autoencoderConfiguration() throws(ModelFolderError) -> VAEConfiguration {
        try VAEConfiguration(json: Data(autoencoder.utf8), file: "vae/config.json")
    }

    private static func report(
        _ name: String, _ dtype: DType, _ make: (WeightScope) throws(LoadError) -> Void
    ) throws(MochiError) -> ComponentReport {
        let weights = Weights(emptyOf: dtype, on: .meta)
        do throws(LoadError) { try make(weights.root) } catch { throw .weights(error) }
        return ComponentReport(name: name, weights: weights)
    }
}
