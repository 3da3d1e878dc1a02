import Testing
import Torch

@testable import CLIP

/// Goal: a folder that is not a CLIP model is refused with the file, and the line or the key. Method: a whole folder
/// with one thing broken.
@Suite struct CLIPFolderTests {
    private func refusal(of folder: CLIPFolder) -> String {
        do throws(CLIPError) {
            _ = try CLIP(folder: folder.path)
            return "accepted"
        } catch {
            return error.description.replacing(folder.path + "/", with: "")
        }
    }

    @Test func aWholeFolderEmbedsTextsAndImages() throws {
        try CLIPFolder.with { folder in
            let clip = try CLIP(folder: folder.path)
            let text = try clip.embed(text: "the cat")
            #expect(text.shape == [1, 4])
            let images = try Generator(seed: 2).normal([35, 3, 6, 9]).sigmoid()
            let embedded = try clip.embed(images: images)
            #expect(embedded.shape == [35, 4])
            #expect(abs(try (embedded * embedded).sum([-1]).mean().item() - 1) < 1e-6)
            // In portions of 32, which must not show.
            let last = try clip.embed(images: images.narrowed(0, 34..<35))
            #expect(try (embedded.narrowed(0, 34..<35) - last).absolute().maximum(over: []).item() < 1e-6)
        }
    }

    @Test(arguments: ["config.json", "vocab.json", "merges.txt", "preprocessor_config.json", "model.safetensors"])
    func aMissingFileIsNamed(name: String) throws {
        try CLIPFolder.with { folder in
            try folder.remove(name)
            #expect(refusal(of: folder) == "\(name): No such file or directory")
        }
    }

    @Test(arguments: [
        ("\"projection_dim\": 4", "\"projection_dim\": 0", "config.json: projection_dim: 0 is not positive"),
        ("\"projection_dim\": 4", "\"projection_dim\": \"4\"", "config.json: projection_dim: "),
        ("\"clip\"", "\"siglip\"", "config.json: model_type: a model of type siglip, not clip"),
        ("\"vocab_size\": 516", "\"hidden_act\": \"relu\"", "config.json: text_config.hidden_act: "),
        ("\"vocab_size\": 516", "\"vocab_size\": 515", "config.json: text_config.vocab_size: 515, but vocab.json has"),
        ("\"eos_token_id\": 515", "\"eos_token_id\": 7", "config.json: text_config.eos_token_id: 7, but the tokenizer"),
        ("\"eos_token_id\": 515", "\"eos_token_id\": [515]", "config.json: text_config.eos_token_id: "),
        ("\"num_attention_heads\": 2", "\"num_attention_heads\": 3", "config.json: text_config.num_attention_heads: 3"),
        ("\"num_hidden_layers\": 1", "\"num_hidden_layers\": 999", "config.json: text_config.num_hidden_layers 999"),
        ("\"patch_size\": 2", "\"patch_size\": 5", "config.json: vision_config.patch_size: a patch of 5 pixels"),
        ("\"patch_size\": 2", "\"patch_size\": 2, \"num_channels\": 1", "config.json: vision_config.num_channels: 1"),
        ("\"image_size\": 4", "\"image_size\": 6", "preprocessor_config.json: crop_size: 4 × 4, but the model sees"),
        ("{\"model", "[\"model", "config.json: no JSON object"),
    ])
    func anUnsupportedSettingIsNamed(old: String, new: String, expected: String) throws {
        try CLIPFolder.with(weights: false) { folder in
            #expect(CLIPFolder.config.contains(old))
            try folder.write(CLIPFolder.config.replacing(old, with: new, maxReplacements: 1), to: "config.json")
            #expect(refusal(of: folder).hasPrefix(expected), "\(refusal(of: folder))")
        }
    }

    @Test(arguments: [
        (#"{"resample": 2}"#, "resample: 2; only 3"), (#"{"do_resize": false}"#, "do_resize: only true"),
        (#"{"rescale_factor": 1}"#, "rescale_factor: 1.0"), (#"{"image_std": [1, 0, 1]}"#, "image_std: "),
        (#"{"crop_size": {"height": 4}}"#, "crop_size.width: "), (#"{"size": 0}"#, "size: 0 is not positive"),
    ])
    func anUnsupportedPreprocessingIsNamed(json: String, expected: String) throws {
        try CLIPFolder.with(weights: false) { folder in
            try folder.write(json, to: "preprocessor_config.json")
            #expect(refusal(of: folder).hasPrefix("preprocessor_config.json: \(expected)"), "\(refusal(of: folder))")
        }
    }

    @Test func weightsOfAnotherShapeAreNamed() throws {
        try CLIPFolder.with { folder in
            let config = CLIPFolder.config.replacing("\"projection_dim\": 4", with: "\"projection_dim\": 5")
            try folder.write(config, to: "config.json")
            #expect(refusal(of: folder).hasPrefix("model.safetensors: text_projection.weight: expected "))
        }
    }

    /// The override of older files wins, completed by the defaults.
    @Test func theOlderOverrideWins() throws {
        try CLIPFolder.with(weights: false) { folder in
            try folder.write(
                #"{"text_config": {"eos_token_id": 2}, "text_config_dict": {"hidden_size": 768}}"#,
                to: "config.json")
            let configuration = try CLIPConfiguration(folder: folder.path)
            #expect(configuration.text.tower.width == 768)
            #expect(configuration.text.endTokenID == 49_407)
            #expect(configuration.vision == CLIPVisionConfiguration())
        }
    }

    @Test func cosinesAreThoseOfTheAngles() throws {
        let a = try Tensor([Float(3), 0, 0, 2], shape: [2, 2])
        let b = try Tensor([Float(1), 1, -5, 0, 0, 7], shape: [3, 2])
        let cosines = try CLIP.cosineSimilarity(a, b).array(of: Float.self)
        let half = Float(0.5).squareRoot()
        #expect(zip(cosines, [half, -1, 0, half, 0, 1]).allSatisfy { abs($0 - $1) < 1e-6 })
    }
}
