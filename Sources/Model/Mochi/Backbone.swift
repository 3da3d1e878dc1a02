public import Torch

/// A text-to-video model as the story method and the farm need it; everything else about it stays behind this.
///
/// Shapes: latents `[1, C, T, h, w]` fp32; frames `[F, 3, H, W]` fp32 in 0…1.
public protocol Backbone: Sendable {
    var geometry: VideoGeometry { get }
    var device: Device { get }

    /// - Throws: `MochiError.prompt` for a text that is empty or has more tokens than the model takes.
    func encode(_ prompt: String) throws(MochiError) -> EncodedPrompt

    /// The condition of a branch without a prompt.
    func unconditional() throws(MochiError) -> EncodedPrompt

    /// The velocity from noise to image at noise level `sigma`, as `latents`.
    func velocity(_ latents: Tensor, prompt: EncodedPrompt, sigma: Double) throws(TorchError) -> Tensor

    /// Decodes finished latents a piece at a time, in order.
    ///
    /// - Parameter consume: takes the next frames `[f, 3, H, W]`.
    func decode(_ latents: Tensor, form: DecodeForm, consume: (Tensor) throws -> Void) throws

    /// Decodes single latent frames `[N, C, h, w]` to single images `[N, 3, H, W]`, cheaply.
    func stills(_ latents: Tensor) throws(TorchError) -> Tensor

    /// A picture of single latent frames `[N, C, h, w]` without a network: `[N, 3, h, w]`, a pixel per latent.
    func colours(_ latents: Tensor) throws(TorchError) -> Tensor
}

/// A prompt as a backbone's denoiser takes it.
public struct EncodedPrompt: Sendable {
    /// `[1, L, D]`, fp32: one vector per position, also of padding, where they mean nothing.
    public let embeddings: Tensor
    /// Positions that hold text, from the first; 0 for none.
    public let tokenCount: Int

    /// - Precondition: `tokenCount` is at most `L`.
    public init(embeddings: Tensor, tokenCount: Int) {
        precondition(
            embeddings.rank == 3 && embeddings.extent(0) == 1 && tokenCount <= embeddings.extent(1),
            "\(tokenCount) tokens in \(embeddings)")
        self.embeddings = embeddings
        self.tokenCount = tokenCount
    }

    /// `[1, tokenCount, D]`: the vectors that mean something.
    public func features() throws(TorchError) -> Tensor { try embeddings.narrowed(1, 0..<tokenCount) }
}
