import Evaluation
import Foundation

/// A video's measures, for people and for programs.
struct EvaluationReport: Encodable {
    var version = 1
    let video, story, clip: String
    let framesPerSegment: Int
    let measures: StoryEvaluation

    /// Infinity, which JSON has no number for, is the text "inf".
    func json() throws -> String { String(decoding: try JSONEncoder.report.encode(self), as: UTF8.self) }

    var text: String {
        let story = measures.story
        var lines = [
            "\(video): \(measures.segments.count) segments of \(framesPerSegment) frames, judged by \(clip)", "",
        ]
        let segmentColumns = ["segment", "CLIP-add", "CLIP-combined", "consistency", "motion", "moving area"]
        let segments = measures.segments.enumerated().map { index, segment in
            ["\(index + 1)"]
                + [
                    segment.clipAdd, segment.clipCombined, segment.frameConsistency, segment.motion, segment.movingArea,
                ].map(Self.number)
        }
        let mean =
            ["story"]
            + [story.clipAdd, story.clipCombined, story.frameConsistency, story.motion, story.movingArea]
            .map(Self.number)
        lines += Self.table([segmentColumns] + segments + [mean])
        guard !measures.borders.isEmpty else { return lines.joined(separator: "\n") }
        let borders = measures.borders.enumerated().map { index, border in
            ["\(index + 1) ▸ \(index + 2)"]
                + [
                    border.seam, border.lastToFirst, border.firstToSecond, border.borderConsistency,
                    border.segmentConsistency,
                ].map(Self.number)
        }
        lines += [""]
        lines += Self.table(
            [["border", "seam", "last ▸ 0", "0 ▸ 1", "consistency", "of segments"]] + borders
                + [
                    ["story", Self.number(story.seam), "", "", Self.number(story.borderConsistency)]
                        + [Self.number(story.segmentConsistency)]
                ])
        return lines.joined(separator: "\n")
    }

    private static func number(_ value: Double?) -> String {
        guard let value else { return "–" }
        return value.isFinite
            ? value.formatted(.number.precision(.fractionLength(4)).locale(.init(identifier: "en"))) : "∞"
    }

    private static func table(_ rows: [[String]]) -> [String] {
        let widths = (0..<rows[0].count).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).map { String(repeating: " ", count: $1 - $0.count) + $0 }.joined(separator: "  ")
        }
    }
}
