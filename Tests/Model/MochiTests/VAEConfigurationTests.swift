import Foundation
import Testing

@testable import Mochi

/// Goal: a wrong configuration is refused with its file and key. Method: the published one with one key changed.
@Suite struct VAEConfigurationTests {
    @Test func thePublishedConfigurationIsRead() throws {
        let configuration = try VAEConfiguration.published()
        #expect(configuration.framesPerLatent == 6)
        #expect(configuration.pixelsPerLatent == 8)
        #expect(configuration.frameCount(latents: 28) == 163)
    }

    @Test(arguments: VAEConfiguration.CodingKeys.allCases)
    func everyKeyIsNeeded(key: VAEConfiguration.CodingKeys) {
        #expect(throws: ModelFolderError(file: "vae/config.json", key: key.rawValue, reason: "is missing")) {
            try VAEConfiguration.published(with: [key.rawValue: nil])
        }
    }

    @Test(arguments: [
        ("act_fn", #""gelu""#), ("out_channels", "4"), ("in_channels", "3"), ("latent_channels", "0"),
        ("decoder_block_out_channels", "[128, 256, 512, 760]"), ("decoder_block_out_channels", "[128]"),
        ("encoder_block_out_channels", "[64, 128, 256]"), ("layers_per_block", "[3, 3, 4, 6]"),
        ("layers_per_block", "[3, 3, 4, 6, -1]"), ("temporal_expansions", "[1, 2, 0]"),
        ("spatial_expansions", "[2, 2, 2, 2]"), ("spatial_expansions", "[2, 2, 2.5]"),
        ("add_attention_block", "[true]"), ("latents_mean", "[0]"),
        ("latents_std", "[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]"), ("scaling_factor", "0"),
        ("scaling_factor", #""one""#),
    ])
    func anUnsupportedValueIsNamed(key: String, value: String) throws {
        let error = try #require(throws: ModelFolderError.self) {
            try VAEConfiguration.published(with: [key: value])
        }
        #expect(error.file == "vae/config.json" && error.key == key)
        #expect(error.description.hasPrefix("vae/config.json: \(key): "))
    }

    @Test func whatIsNoConfigurationIsRefused() {
        #expect(throws: ModelFolderError.self) { try VAEConfiguration(json: Data("[".utf8), file: "x") }
        #expect(throws: ModelFolderError.self) { try VAEConfiguration(contentsOf: "/nonexistent/vae/config.json") }
    }
}

extension VAEConfiguration {
    /// That of genmo/mochi-1-preview, statistics shortened; `changes`: JSON values by key, nil leaves the key out.
    static func published(with changes: [String: String?] = [:]) throws(ModelFolderError) -> VAEConfiguration {
        var values: [String: String] = [
            "act_fn": #""silu""#, "add_attention_block": "[false, true, true, true, true]",
            "decoder_block_out_channels": "[128, 256, 512, 768]", "encoder_block_out_channels": "[64, 128, 256, 384]",
            "in_channels": "15", "latent_channels": "12", "layers_per_block": "[3, 3, 4, 6, 3]", "out_channels": "3",
            "latents_mean": "[-0.07, -0.04, -0.07, -0.06, 0.01, -0.05, 0.04, -0.09, -0.1, -0.01, -0.01, -0.03]",
            "latents_std": "[0.93, 0.92, 0.94, 0.96, 0.82, 0.92, 0.93, 1.37, 0.88, 0.92, 0.92, 0.93]",
            "scaling_factor": "1.0", "spatial_expansions": "[2, 2, 2]", "temporal_expansions": "[1, 2, 3]",
        ]
        for (key, value) in changes { values[key] = value }
        let json = "{" + values.map { #""\#($0.key)": \#($0.value)"# }.joined(separator: ", ") + "}"
        return try VAEConfiguration(json: Data(json.utf8), file: "vae/config.json")
    }
}
