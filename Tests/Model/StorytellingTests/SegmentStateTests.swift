import Mochi
import Storytelling
import Testing
import Torch

/// Goal: what is read from a file goes on where the model is. Method: the device without memory, and small tensors.
@Suite struct SegmentStateTests {
    /// A tensor that stayed behind would end the next blend.
    @Test func aStateMovesWithAllItsTensors() throws {
        let frame = try Tensor.zeros([12, 4, 6])
        let state = SegmentState(
            sampler: SamplerState(latents: try .zeros([1, 12, 2, 4, 6]), step: 3),
            weights: PromptPair(scene: 0.25, action: 0.75), similarity: PromptPair(scene: 0.5, action: 0.125),
            estimate: frame, estimateBoundary: frame)
        let moved = try state.moved(to: .meta)
        #expect(moved.sampler.latents.device == .meta)
        #expect(moved.estimate?.device == .meta && moved.estimateBoundary?.device == .meta)
        #expect(moved.step == 3 && moved.weights == state.weights && moved.similarity == state.similarity)
    }
}
