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

    @Test func aChannelContinuesWithWhatWasPublished() async throws {
        let first = BoundaryChannel()
        for step in 0..<3 { first.publish(try .full([12, 4, 6], Double(step)), at: step) }
        #expect(try first.records(before: 0) == nil && first.records(before: 4) == nil)
        let second = try BoundaryChannel(continuing: try #require(try first.records(before: 3)))
        second.publish(try .full([12, 4, 6], 3), at: 3)
        let records = try #require(try second.records(before: 4))
        #expect(records.shape == [4, 12, 4, 6])
        for step in 0..<4 {
            let record: [Float] = try await second.boundary(at: step).array()
            #expect(record.allSatisfy { $0 == Float(step) })
            #expect(try records.selected(0, step).array() == record)
        }
    }
}
