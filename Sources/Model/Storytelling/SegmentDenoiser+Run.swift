import Mochi
public import Torch

extension SegmentDenoiser {
    /// Takes all steps that remain: reads the predecessor's boundaries, publishes its own.
    ///
    /// Runs where it is called: the steps block that actor's thread, and only waiting for a boundary lets it go.
    ///
    /// - Parameters:
    ///   - source: of the predecessor's boundaries; nil for a story's first segment.
    ///   - sink: takes this segment's, the finished latents' last; nil where nobody reads them.
    ///   - onStep: is given the state after each step, from which the segment can be continued.
    /// - Returns: the finished latents, `[1, C, T, h, w]`.
    /// - Throws: `CancellationError` before the next step once the task is cancelled; `MochiError`; what source, sink
    ///   and `onStep` throw.
    public func run(
        from start: SegmentState, source: (any BoundarySource)? = nil, sink: (any BoundarySink)? = nil,
        isolation: isolated (any Actor)? = #isolation,
        onStep: (SegmentState, Report) throws -> Void = { _, _ in }
    ) async throws -> Tensor {
        var state = start
        while state.step < recipe.flow.schedule.steps {
            try Task.checkCancellation()
            // Before the own blend, so that hand-offs never chain inside a step.
            try await sink?.publish(boundary(of: state), at: state.step)
            var boundary: Tensor?
            if let source, let step = self.source(at: state.step) {
                boundary = try await source.boundary(at: step).moved(to: model.device)
            }
            let (next, report) = try advanced(state, boundary: boundary)
            state = next
            try onStep(state, report)
        }
        try await sink?.publish(boundary(of: state), at: state.step)
        return state.sampler.latents
    }
}
