import Foundation
import Mochi
import Safetensors
import Torch

/// The part of the model that is timed.
struct Subject {
    private enum Network {
        case transformer(MochiTransformer)
        case decoder(VAEDecoder)
    }

    let device: Device
    let dtype: DType
    let weightByteCount: Int
    /// `D` of the prompt's features.
    let captionWidth: Int
    private let network: Network

    /// A folder's transformer or autoencoder.
    init(folder: String, part: Part, dtype: DType?, device: Device, backend: AttentionBackend) throws {
        let name = part == .denoise ? "transformer" : "vae"
        let archive = try SafetensorsArchive(folder: "\(folder)/\(name)", name: "diffusion_pytorch_model")
        let weights = Weights(archive, dtype: dtype, device: device)
        let (transformer, vae) = ("\(folder)/transformer/config.json", "\(folder)/vae/config.json")
        try self.init(
            part: part, transformer: TransformerConfiguration(contentsOf: transformer),
            vae: VAEConfiguration(contentsOf: vae), weights: weights, device: device, backend: backend)
    }

    /// The published sizes with random weights.
    init(publishedPart part: Part, dtype: DType, device: Device, backend: AttentionBackend) throws {
        let weights = Weights(emptyOf: dtype, on: device)
        // Empty tensors get memory that was freed before: what is in it then are small random numbers.
        if case .cuda = device { try Self.scatterRandomNumbers(dtype: dtype, device: device) }
        try self.init(
            part: part, transformer: TransformerConfiguration(), vae: VAEConfiguration(publishedIn: "published"),
            weights: weights, device: device, backend: backend)
    }

    private init(
        part: Part, transformer: TransformerConfiguration, vae: VAEConfiguration, weights: Weights, device: Device,
        backend: AttentionBackend
    ) throws {
        self.device = device
        captionWidth = transformer.captionWidth
        switch part {
        case .denoise:
            network = .transformer(try MochiTransformer(transformer, backend: backend, weights: weights.root))
        case .decode: network = .decoder(try VAEDecoder(vae, weights: weights.root))
        }
        weightByteCount = weights.byteCount
        dtype = weights.byteCount < 3 * weights.parameterCount ? .bfloat16 : .float32
    }

    /// Runs the first steps of 64 with guidance, as the sampler does.
    func secondsOfDenoising(_ inputs: Inputs, steps: Int) throws -> Double {
        guard case .transformer(let transformer) = network else { preconditionFailure("the decoder was loaded") }
        let schedule = NoiseSchedule(steps: 64)
        let sampler = FlowMatchEuler(schedule, guidance: [4.5])
        return try seconds {
            var state = SamplerState(latents: inputs.latents)
            for step in 0..<steps {
                let timestep = schedule.timestep(at: step)
                let conditional = try transformer(state.latents, features: inputs.prompt, timestep: timestep)
                let unconditional = try transformer(state.latents, features: inputs.negative, timestep: timestep)
                state = try sampler.advanced(
                    state, velocity: sampler.guided(conditional, unconditional, at: step))
            }
        }
    }

    func secondsOfDecoding(_ inputs: Inputs, form: DecodeForm, chunk: Int?) throws -> Double {
        guard case .decoder(let decoder) = network else { preconditionFailure("the transformer was loaded") }
        return try seconds { _ = try decoder(inputs.latents, form: form, chunkLength: chunk ?? 1) }
    }

    private func seconds(_ body: () throws -> Void) throws -> Double {
        try device.synchronize()
        let start = ContinuousClock.now
        try body()
        try device.synchronize()
        let elapsed = ContinuousClock.now - start
        return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    }

    /// Fills 24 GB of device memory, in pieces of the sizes that weights have, and frees it.
    private static func scatterRandomNumbers(dtype: DType, device: Device) throws {
        let noise = try (Generator(seed: 1).normal([1 << 26]) * 0.02).converted(to: dtype).moved(to: device)
        var pieces: [Tensor] = []
        let count = 24_000_000_000 / (noise.count * dtype.byteCount)
        for _ in 0..<count { pieces.append(try noise.copy()) }
        for _ in 0..<2000 { pieces.append(try noise.narrowed(0, 0..<4096).copy()) }
    }
}

extension VAEConfiguration {
    /// The published autoencoder's sizes, with statistics that are none.
    init(publishedIn file: String) throws {
        let ones = Array(repeating: "1.0", count: 12).joined(separator: ", ")
        let zeros = Array(repeating: "0.0", count: 12).joined(separator: ", ")
        let json = """
            {"in_channels": 15, "out_channels": 3, "latent_channels": 12, "scaling_factor": 1.0, "act_fn": "silu",
             "encoder_block_out_channels": [64, 128, 256, 384], "decoder_block_out_channels": [128, 256, 512, 768],
             "layers_per_block": [3, 3, 4, 6, 3], "temporal_expansions": [1, 2, 3], "spatial_expansions": [2, 2, 2],
             "add_attention_block": [false, true, true, true, true],
             "latents_mean": [\(zeros)], "latents_std": [\(ones)]}
            """
        try self.init(json: Data(json.utf8), file: file)
    }
}
