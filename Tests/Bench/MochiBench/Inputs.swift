import Safetensors
import Torch

/// What a round starts from.
struct Inputs {
    /// `[1, 12, T, h, w]`, fp32.
    let latents: Tensor
    /// `[1, L, D]` and `[1, M, D]`, fp32: the features of the prompts' tokens.
    let prompt, negative: Tensor

    /// The folder's `inputs.safetensors`.
    init(folder: String, device: Device) throws {
        let file = try SafetensorsFile(path: "\(folder)/inputs.safetensors")
        latents = try Tensor.load("latents", from: file).moved(to: device)
        prompt = try Tensor.load("prompt", from: file).moved(to: device)
        negative = try Tensor.load("negative", from: file).moved(to: device)
    }

    /// The same with only the first tokens of the negative prompt.
    init(_ other: Inputs, negative count: Int) throws {
        (latents, prompt) = (other.latents, other.prompt)
        negative = try other.negative.narrowed(1, 0..<count)
    }

    /// Random ones.
    init(width: Int, height: Int, frames: Int, tokens: Int, negative: Int, subject: Subject) throws {
        let generator = try Generator(seed: 1)
        func normal(_ shape: [Int]) throws -> Tensor {
            try generator.normal(shape).moved(to: subject.device)
        }
        latents = try normal([1, 12, (frames - 1) / 6 + 1, height / 8, width / 8])
        prompt = try normal([1, tokens, subject.captionWidth])
        self.negative = try normal([1, negative, subject.captionWidth])
    }
}
