/// The sizes of a CLIP model, as its `config.json` gives them.
///
/// Keys that are absent or null have the reference's defaults (transformers 5.23 `configuration_clip.py`).
public struct CLIPConfiguration: Equatable, Sendable {
    public let text: CLIPTextConfiguration
    public let vision: CLIPVisionConfiguration
    /// `P`, the width that both towers are projected to.
    public let projectionWidth: Int

    public init(text: CLIPTextConfiguration, vision: CLIPVisionConfiguration, projectionWidth: Int) {
        self.text = text
        self.vision = vision
        self.projectionWidth = projectionWidth
    }

    /// Reads `folder/config.json`.
    ///
    /// - Throws: `CLIPError` naming the file, and the key whose value is not supported.
    public init(folder: String) throws(CLIPError) {
        let file = try SettingsFile(folder: folder, name: "config.json")
        self = try file.decoded(as: Self.self)
        try checkSizes(file: file.path)
    }

    private func checkSizes(file: String) throws(CLIPError) {
        try CLIPConfiguration.check([("projection_dim", projectionWidth)], file: file)
        try text.tower.checkSizes(file: file, prefix: "text_config")
        try CLIPConfiguration.check(
            [
                ("text_config.vocab_size", text.vocabularySize),
                ("text_config.max_position_embeddings", text.positionCount),
            ], file: file)
        try vision.tower.checkSizes(file: file, prefix: "vision_config")
        try CLIPConfiguration.check(
            [("vision_config.image_size", vision.imageSize), ("vision_config.patch_size", vision.patchSize)], file: file
        )
        guard vision.patchSize <= vision.imageSize else {
            throw .unsupported(
                file: file, key: "vision_config.patch_size",
                problem: "a patch of \(vision.patchSize) pixels is larger than the image of \(vision.imageSize)")
        }
        guard vision.channelCount == 3 else {
            throw .unsupported(
                file: file, key: "vision_config.num_channels",
                problem: "\(vision.channelCount) channels; only images with 3 are supported")
        }
    }

    static func check(
        _ values: [(key: String, value: Int)], limit: Int = CLIPLimits.extent, file: String
    ) throws(CLIPError) {
        for (key, value) in values {
            guard value > 0 else { throw .unsupported(file: file, key: key, problem: "\(value) is not positive") }
            guard value <= limit else { throw .overLimit(key, found: value, limit: limit, file: file) }
        }
    }
}

extension CLIPConfiguration: Decodable {
    private enum CodingKeys: String, CodingKey {
        case modelType = "model_type"
        case text = "text_config"
        case vision = "vision_config"
        case textOverride = "text_config_dict"
        case visionOverride = "vision_config_dict"
        case projectionWidth = "projection_dim"
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let modelType = try values.decodeIfPresent(String.self, forKey: .modelType) ?? "clip"
        guard modelType == "clip" else {
            throw DecodingError.dataCorruptedError(
                forKey: .modelType, in: values, debugDescription: "a model of type \(modelType), not clip")
        }
        // Older files carry both; the reference completes the override by its defaults and lets it win.
        text =
            try values.decodeIfPresent(CLIPTextConfiguration.self, forKey: .textOverride)
            ?? values.decodeIfPresent(CLIPTextConfiguration.self, forKey: .text) ?? CLIPTextConfiguration()
        vision =
            try values.decodeIfPresent(CLIPVisionConfiguration.self, forKey: .visionOverride)
            ?? values.decodeIfPresent(CLIPVisionConfiguration.self, forKey: .vision) ?? CLIPVisionConfiguration()
        projectionWidth = try values.decodeIfPresent(Int.self, forKey: .projectionWidth) ?? 512
    }
}
