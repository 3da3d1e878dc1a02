public import Foundation

/// The sizes of Mochi's autoencoder, as `vae/config.json` of the published model gives them.
///
/// Reference: diffusers `AutoencoderKLMochi`, whose argument names are the keys.
public struct VAEConfiguration: Decodable, Equatable, Sendable {
    /// Channels that the encoder's first projection takes: 3 of the image and 12 Fourier features.
    public let inChannels: Int
    /// Channels of an image: 3.
    public let outChannels: Int
    /// Channels of a latent, `L`.
    public let latentChannels: Int
    /// Widths of the stages from the image inwards; multiples of 32, the number of groups that are normalised.
    public let encoderBlockOutChannels: [Int]
    public let decoderBlockOutChannels: [Int]
    /// Residual blocks: of the outermost stage, of each stage with an expansion, of the innermost one.
    public let layersPerBlock: [Int]
    /// Per stage with an expansion, from the image inwards; the product is the number of frames per latent frame.
    public let temporalExpansions: [Int]
    /// As above, of height and of width.
    public let spatialExpansions: [Int]
    /// Which of the encoder's stages attend over time; as many as `layersPerBlock`.
    public let addAttentionBlock: [Bool]
    /// Per channel: what a latent of the transformer is multiplied with, after division by `scalingFactor`.
    public let latentsStd: [Double]
    /// Per channel: what is added then.
    public let latentsMean: [Double]
    public let scalingFactor: Double
    private let actFn: String

    /// Frames that a latent frame stands for; the first one stands for a single frame.
    public var framesPerLatent: Int { temporalExpansions.reduce(1, *) }
    /// Pixels per latent, in height and in width.
    public var pixelsPerLatent: Int { spatialExpansions.reduce(1, *) }

    /// Frames of a video with so many latent frames: `(latents - 1) · framesPerLatent + 1`.
    public func frameCount(latents: Int) -> Int { (latents - 1) * framesPerLatent + 1 }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case inChannels = "in_channels"
        case outChannels = "out_channels"
        case latentChannels = "latent_channels"
        case encoderBlockOutChannels = "encoder_block_out_channels"
        case decoderBlockOutChannels = "decoder_block_out_channels"
        case layersPerBlock = "layers_per_block"
        case temporalExpansions = "temporal_expansions"
        case spatialExpansions = "spatial_expansions"
        case addAttentionBlock = "add_attention_block"
        case latentsStd = "latents_std"
        case latentsMean = "latents_mean"
        case scalingFactor = "scaling_factor"
        case actFn = "act_fn"
    }
}

extension VAEConfiguration {
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func value<Value: Decodable>(_ key: CodingKeys) throws -> Value {
            do {
                return try values.decode(Value.self, forKey: key)
            } catch let error as DecodingError {
                throw error
            } catch {
                // Foundation's own error for a number that does not fit names no key.
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: values, debugDescription: "has a value that is no \(Value.self)")
            }
        }
        inChannels = try value(.inChannels)
        outChannels = try value(.outChannels)
        latentChannels = try value(.latentChannels)
        encoderBlockOutChannels = try value(.encoderBlockOutChannels)
        decoderBlockOutChannels = try value(.decoderBlockOutChannels)
        layersPerBlock = try value(.layersPerBlock)
        temporalExpansions = try value(.temporalExpansions)
        spatialExpansions = try value(.spatialExpansions)
        addAttentionBlock = try value(.addAttentionBlock)
        latentsStd = try value(.latentsStd)
        latentsMean = try value(.latentsMean)
        scalingFactor = try value(.scalingFactor)
        actFn = try value(.actFn)
    }

    /// Reads and checks a `config.json`.
    ///
    /// - Throws: `ModelFolderError` naming the file and the key.
    public init(contentsOf file: String) throws(ModelFolderError) {
        try self.init(json: ModelFolderError.read(file), file: file)
    }

    /// - Parameters:
    ///   - json: the content of a `config.json`.
    ///   - file: how errors name where it is from.
    /// - Throws: `ModelFolderError` naming the file and the key.
    public init(json: Data, file: String) throws(ModelFolderError) {
        do { self = try JSONDecoder().decode(Self.self, from: json) } catch { throw ModelFolderError(error, in: file) }
        if let (key, problem) = firstProblem { throw ModelFolderError(file: file, key: key.rawValue, reason: problem) }
    }

    /// Stages of a decoder at most; the published one has 4. More would overflow the number of pixels per latent.
    private static let stageLimit = 8

    private var firstProblem: (CodingKeys, String)? {
        let stages = decoderBlockOutChannels.count
        let sizes: [(CodingKeys, [Int], Int, ClosedRange<Int>)] = [
            (.inChannels, [inChannels], 1, FourierFeatures.width...FourierFeatures.width),
            (.outChannels, [outChannels], 1, 3...3),
            (.latentChannels, [latentChannels], 1, 1...1024),
            (.decoderBlockOutChannels, decoderBlockOutChannels, min(max(stages, 2), Self.stageLimit), 1...8192),
            (.encoderBlockOutChannels, encoderBlockOutChannels, stages, 1...8192),
            (.layersPerBlock, layersPerBlock, stages + 1, 0...64),
            (.temporalExpansions, temporalExpansions, stages - 1, 1...16),
            (.spatialExpansions, spatialExpansions, stages - 1, 1...16),
        ]
        for (key, values, count, allowed) in sizes {
            guard values.count == count else { return (key, "expected \(count) values, found \(values.count)") }
            guard values.allSatisfy(allowed.contains) else { return (key, "\(values) is not in \(allowed)") }
        }
        for (key, widths) in [
            (CodingKeys.decoderBlockOutChannels, decoderBlockOutChannels),
            (.encoderBlockOutChannels, encoderBlockOutChannels),
        ] where !widths.allSatisfy({ $0.isMultiple(of: FrameNorm.groups) }) {
            return (key, "\(widths) are not all multiples of \(FrameNorm.groups)")
        }
        guard addAttentionBlock.count == stages + 1 else {
            return (.addAttentionBlock, "expected \(stages + 1) values, found \(addAttentionBlock.count)")
        }
        for (key, values) in [(CodingKeys.latentsMean, latentsMean), (.latentsStd, latentsStd)]
        where values.count != latentChannels {
            return (key, "expected \(latentChannels) values, found \(values.count)")
        }
        guard latentsStd.allSatisfy({ $0 > 0 }) else { return (.latentsStd, "\(latentsStd) are not all positive") }
        guard scalingFactor > 0 else { return (.scalingFactor, "\(scalingFactor) is not positive") }
        // Both are names of x · sigmoid(x).
        guard ["silu", "swish"].contains(actFn) else { return (.actFn, "'\(actFn)' is neither silu nor swish") }
        return nil
    }
}
