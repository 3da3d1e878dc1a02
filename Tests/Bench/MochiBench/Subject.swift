import Mochi
import Safetensors
import Torch

/// The part of the model that is timed.
struct Subject {
    private enum Network {
        case transformer(MochiTransformer)
        case decoder(VAEDecoder)
        case still(StillDecoder)
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
        try self.init(
            part: part, transformer: TransformerConfiguration(), vae: PublishedMochi.autoencoderConfiguration(),
            weights: Weights(randomOf: dtype, on: device), device: device, backend: backend)
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
        case .still: network = .still(try StillDecoder(VAEDecoder(vae, weights: weights.root)))
        case .operators: preconditionFailure("these have no weights")
        }
        weightByteCount = weights.byteCount
        dtype = weights.byteCount < 3 * weights.parameterCount ? .bfloat16 : .float32
    }

    /// Runs the first steps of 64 with guidance, as the sampler does.
    func secondsOfDenoising(_ inputs: Inputs, steps: Int) throws -> Double {
        guard case .transformer(let transformer) = network else { preconditionFailure("the decoder was loaded") }
        let schedule = NoiseSchedule(steps: 64)
        let sampler = FlowMatchEuler(schedule, guidance: [4.5])
        return try device.seconds {
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
        return try device.seconds { _ = try decoder(inputs.latents, form: form, chunkLength: chunk ?? 1) }
    }

    /// One latent frame as a picture, `count` times.
    func secondsOfStills(_ inputs: Inputs, count: Int) throws -> Double {
        guard case .still(let decoder) = network else { preconditionFailure("another part was loaded") }
        let frame = try inputs.latents.selected(2, 0)
        return try device.seconds { for _ in 0..<count { _ = try decoder(frame) } }
    }
}
