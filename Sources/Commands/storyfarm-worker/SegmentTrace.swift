import DurableFile
import Foundation
import Mochi
import Storytelling

/// What a run did, step by step: `--trace`.
struct SegmentTrace: Encodable {
    struct Step: Encodable {
        /// Counted from 0.
        let step: Int
        let sigma: Double
        let timestep: Double
        let guidance: Double
        /// Of the prompts, with what they were made of; where they are weighted.
        let weighting: PromptWeighting.Outcome?
        /// g; 0 where nothing was blended.
        let strength: Double
        /// Standard deviation of latent frame 0 after its blend; where it was blended.
        let frameZeroDeviation: Double?
        /// How well the estimate after this step fits the prompts, by preview mode; where that was asked for.
        var previews: [String: PromptPair<Double>]?
        /// By stage: blending, weighting, conditional and unconditional velocity, preview, pictures, checkpoint.
        var milliseconds: [String: Double]
    }

    var version = 1
    /// Device, libtorch, threads, precision, attention backend.
    let setting: [String: String]
    /// What was asked for.
    let request: [String: String]
    let model: String
    let parameters: [String: Int]
    /// Where a continued run began; 0 for others.
    let firstStep: Int
    var milliseconds: [String: Double] = [:]
    var steps: [Step] = []
    /// "finished", or what ended it.
    var outcome = "running"

    func write(to path: String) throws {
        try PartialFile.write([UInt8](JSONEncoder.report.encode(self)), to: path)
    }
}

/// Times stages by name.
struct Stopwatch {
    private(set) var milliseconds: [String: Double] = [:]

    mutating func measure<Value>(_ stage: String, _ body: () throws -> Value) rethrows -> Value {
        let start = ContinuousClock.now
        defer { add(ContinuousClock.now - start, to: stage) }
        return try body()
    }

    mutating func add(_ duration: Duration, to stage: String) {
        milliseconds[stage, default: 0] += duration / .milliseconds(1)
    }
}

extension SegmentTrace.Step {
    init(_ step: Int, of flow: FlowMatchEuler, _ report: SegmentDenoiser<MochiModel>.Report) {
        let times = [
            ("blending", report.times.blending), ("weighting", report.times.weighting),
            ("conditional", report.times.conditional), ("unconditional", report.times.unconditional),
            ("preview", report.times.preview),
        ]
        self.init(
            step: step, sigma: flow.schedule.sigmas[step], timestep: flow.schedule.timestep(at: step),
            guidance: flow.guidance[step], weighting: report.weighting, strength: report.strength,
            frameZeroDeviation: report.frameZeroDeviation,
            milliseconds: Dictionary(uniqueKeysWithValues: times.map { ($0, $1 / .milliseconds(1)) }))
    }
}
