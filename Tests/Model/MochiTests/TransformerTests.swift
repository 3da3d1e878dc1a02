import Foundation
import Testing
import Torch

@testable import Mochi

/// Goal: the published size is what this code builds, and a configuration that it can't run is refused with its key.
@Suite struct TransformerTests {
    /// genmo/mochi-1-preview: 47 blocks of 207,641,600 parameters, a last one of 169,886,720, and 79,452,672 around.
    @Test func thePublishedModelHasItsParametersWithoutAnyMemory() throws {
        let weights = Weights(emptyOf: .bfloat16, on: .meta)
        _ = try MochiTransformer(TransformerConfiguration(), weights: weights.root)
        #expect(weights.parameterCount == 10_027_677_744)
        #expect(weights.byteCount == 2 * 10_027_677_744)
    }

    private let published = """
        {"_class_name": "MochiTransformer3DModel", "activation_fn": "swiglu", "attention_head_dim": 128,
         "in_channels": 12, "max_sequence_length": 256, "num_attention_heads": 24, "num_layers": 48,
         "out_channels": null, "patch_size": 2, "pooled_projection_dim": 1536, "qk_norm": "rms_norm",
         "text_embed_dim": 4096, "time_embed_dim": 256}
        """

    @Test func thePublishedConfigurationIsTheDefault() throws {
        #expect(try TransformerConfiguration(json: Data(published.utf8), file: "c") == TransformerConfiguration())
    }

    @Test(arguments: [
        (#""num_layers": 48"#, #""num_layers": 0"#, "c: num_layers: is 0, expected 1...1000"),
        (#""num_layers": 48,"#, "", "c: num_layers: is missing"),
        (#""num_layers": 48"#, #""num_layers": "48""#, "c: num_layers: is of another type than expected"),
        (#""swiglu""#, #""gelu""#, "c: activation_fn: is gelu, expected swiglu"),
        (#""rms_norm""#, #""layer_norm""#, "c: qk_norm: is layer_norm, expected rms_norm"),
        (#""attention_head_dim": 128"#, #""attention_head_dim": 7"#, "c: attention_head_dim: is 7, rotation needs"),
        (#""text_embed_dim": 4096"#, #""text_embed_dim": 12"#, "c: text_embed_dim: is 12, no multiple of 8 heads"),
        (#""out_channels": null"#, #""out_channels": 24"#, "c: out_channels: is 24, expected 12"),
        ("{", "[", "c: is not the JSON of a configuration"),
    ])
    func whatItCannotRunIsRefusedWithItsKey(part: String, replacement: String, says: String) throws {
        let json = published.replacingOccurrences(of: part, with: replacement)
        let error = #expect(throws: ModelFolderError.self) {
            try TransformerConfiguration(json: Data(json.utf8), file: "c")
        }
        #expect(error?.description.hasPrefix(says) == true, "\(String(describing: error))")
    }

    @Test func aMissingFileIsNamed() {
        let error = #expect(throws: ModelFolderError.self) {
            try TransformerConfiguration(contentsOf: "/nonexistent/config.json")
        }
        #expect(error?.description.hasPrefix("/nonexistent/config.json: No such file or directory") == true)
    }
}
