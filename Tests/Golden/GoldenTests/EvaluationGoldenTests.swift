import Evaluation
import Testing
import Torch

/// Goal: the measures of a video are what their formulas say. Method: numpy in double precision over random frames and
/// vectors, recorded by `ops/parity/evaluation.py`.
@Suite struct EvaluationGoldenTests {
    @Test(arguments: Golden.all("evaluation")) func measures(golden: Golden) throws {
        let evaluation = StoryEvaluation(try footage(golden))
        let segments: [(String, KeyPath<StoryEvaluation.Segment, Double?>)] = [
            ("clipAdd", \.clipAdd), ("clipCombined", \.clipCombined), ("frameConsistency", \.frameConsistency),
            ("motion", \.motion), ("movingArea", \.movingArea),
        ]
        for (name, key) in segments {
            let values = try evaluation.segments.map { try #require($0[keyPath: key]) }
            try golden.expect(Tensor(values, shape: [values.count]), equals: name, within: 1e-12)
        }
        let borders: [(String, KeyPath<StoryEvaluation.Border, Double>)] = [
            ("lastToFirst", \.lastToFirst), ("firstToSecond", \.firstToSecond), ("seam", \.seam),
            ("segmentConsistency", \.segmentConsistency), ("borderConsistency", \.borderConsistency),
        ]
        for (name, key) in borders {
            let values = evaluation.borders.map { $0[keyPath: key] }
            try golden.expect(Tensor(values, shape: [values.count]), equals: name, within: 1e-12)
        }
    }

    private func footage(_ golden: Golden) throws -> [SegmentFootage] {
        let (segments, frames) = (try golden.integer("segments"), try golden.integer("frames"))
        let (prompts, vectors) = (try rows(golden, "prompts"), try rows(golden, "vectors"))
        let bytes: [UInt8] = try golden.input("frames").array()
        let size = bytes.count / (segments * frames)
        var last: [UInt8]?
        return (0..<segments).map { segment in
            let texts = prompts[(3 * segment)..<(3 * segment + 3)].map { $0 }
            var footage = SegmentFootage(.init(scene: texts[0], action: texts[1], joined: texts[2]))
            for frame in (segment * frames)..<((segment + 1) * frames) {
                let pixels = Array(bytes[(frame * size)..<((frame + 1) * size)])
                footage.append(vectors[frame], change: last.map { FrameChange(from: $0, to: pixels) })
                last = pixels
            }
            return footage
        }
    }

    private func rows(_ golden: Golden, _ key: String) throws -> [[Double]] {
        let tensor = try golden.input(key)
        let (values, width): ([Double], Int) = (try tensor.array(), tensor.extent(2))
        return stride(from: 0, to: values.count, by: width).map { Array(values[$0..<($0 + width)]) }
    }
}
