import FoundationEssentials
import Safetensors
import Torch

/// The autoencoder's decoder as its authors publish it: one `decoder.safetensors`, without a configuration.
///
/// A sequence of numbered modules: the first stage, one per expansion, the last stage, the projection to colours.
/// Reference: diffusers `scripts/convert_mochi_to_diffusers.py`, `convert_mochi_vae_state_dict_to_diffusers`.
enum OriginalDecoderLayout {
    /// - Parameters:
    ///   - name: as the published folder calls the weight.
    ///   - stages: with an expansion.
    static func place(of name: String, stages: Int) -> StoredWeight {
        let path = name.split(separator: ".").map(String.init)
        guard path.count > 2, path[0] == "decoder" else { return StoredWeight(key: name) }
        let parameter = path[path.count - 1]
        // "resnets.1.conv2.conv" lies at place 1 of its stage and there at place 5 of its layers.
        func block(at index: Int, in stage: String, from first: Int = 0) -> StoredWeight {
            guard path.count == index + 5, let number = Int(path[index + 1]), let layer = layers[path[index + 2]]
            else { return StoredWeight(key: name) }
            return StoredWeight(key: "\(stage).\(first + number).stack.\(layer).\(parameter)")
        }
        switch path[1] {
        case "conv_in": return StoredWeight(key: "blocks.0.0.\(parameter)")
        case "proj_out": return StoredWeight(key: "output_proj.\(parameter)")
        case "block_in": return block(at: 2, in: "blocks.0", from: 1)
        case "block_out": return block(at: 2, in: "blocks.\(stages + 1)")
        case "up_blocks":
            guard let stage = Int(path[2]) else { return StoredWeight(key: name) }
            if path[3] == "proj" { return StoredWeight(key: "blocks.\(stage + 1).proj.\(parameter)") }
            return block(at: 3, in: "blocks.\(stage + 1).blocks")
        default: return StoredWeight(key: name)
        }
    }

    private static let layers = ["norm1": 0, "conv1": 2, "norm2": 3, "conv2": 5]

    /// The sizes, read off the tensors' shapes; the encoder's are taken to mirror the decoder's.
    ///
    /// - Throws: `ModelFolderError` naming the tensor that is missing or of an odd shape.
    static func configuration(of file: SafetensorsFile) throws(ModelFolderError) -> VAEConfiguration {
        let shapes = TensorShapes(of: file)
        let first = try shapes["blocks.0.0.weight", rank: 5]
        // The first stage has no expansion, and the last one may have no blocks at all.
        let stages = (1..<max(shapes.childCount(of: "blocks"), 2)).filter { shapes.has("blocks.\($0).proj.weight") }
            .count
        var widths = [first[0]]
        var layers = [shapes.childCount(of: "blocks.0") - 1]
        var temporal: [Int] = []
        for stage in 1..<(stages + 1) {
            let key = "blocks.\(stage).proj.weight"
            let expansion = try shapes[key, rank: 2]
            // What follows says how many channels each of the expansion's positions has.
            let follower = stage == stages ? "output_proj.weight" : "blocks.\(stage + 1).proj.weight"
            let next = try shapes[follower, rank: 2][1]
            let frames = expansion[0] / max(next * spatial * spatial, 1)
            guard expansion[1] == widths.last, expansion[0] == next * frames * spatial * spatial else {
                throw ModelFolderError(
                    file: file.path, key: key,
                    reason: "\(expansion) expands no \(widths[stage - 1]) channels to \(next)")
            }
            widths.append(next)
            temporal.append(frames)
            layers.append(shapes.childCount(of: "blocks.\(stage).blocks"))
        }
        layers.append(shapes.childCount(of: "blocks.\(stages + 1)"))
        let fields = Fields(
            latentChannels: first[1], widths: widths.reversed(), layers: layers.reversed(),
            temporal: temporal.reversed(), spatial: temporal.map { _ in spatial },
            statistics: try PublishedMochi.autoencoderConfiguration())
        do {
            return try VAEConfiguration(json: JSONEncoder().encode(fields), file: file.path)
        } catch {
            throw ModelFolderError(error, in: file.path)
        }
    }

    /// Not to be read off the shapes; the same in every stage of every published autoencoder.
    private static let spatial = 2
}

/// A configuration in the keys of `vae/config.json`.
private struct Fields: Encodable {
    let latentChannels: Int
    let widths, layers, temporal, spatial: [Int]
    /// The statistics are no tensors; all published files have the same.
    let statistics: VAEConfiguration

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: VAEConfiguration.CodingKeys.self)
        try values.encode(FourierFeatures.width, forKey: .inChannels)
        try values.encode(3, forKey: .outChannels)
        try values.encode(latentChannels, forKey: .latentChannels)
        try values.encode(widths, forKey: .encoderBlockOutChannels)
        try values.encode(widths, forKey: .decoderBlockOutChannels)
        try values.encode(layers, forKey: .layersPerBlock)
        try values.encode(temporal, forKey: .temporalExpansions)
        try values.encode(spatial, forKey: .spatialExpansions)
        try values.encode(layers.map { _ in true }, forKey: .addAttentionBlock)
        try values.encode(statistics.latentsMean, forKey: .latentsMean)
        try values.encode(statistics.latentsStd, forKey: .latentsStd)
        try values.encode(1, forKey: .scalingFactor)
        try values.encode("silu", forKey: .actFn)
    }
}
