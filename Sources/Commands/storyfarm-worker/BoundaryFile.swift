import Mochi
import Storytelling
import Torch

/// All boundaries of a segment in one safetensors file: `boundaries`, fp32 `[S + 1, C, h, w]`.
struct BoundaryFile: BoundarySource {
    private static let key = "boundaries"
    private let records: Tensor

    /// - Parameters:
    ///   - steps: S of the segment that reads them, as of the one that wrote them.
    ///   - frame: `[C, h, w]`.
    init(_ path: String, steps: Int, frame: [Int]) throws(LatentsFileError) {
        records = try LatentsFile.read(Self.key, of: LatentsFile.open(path), shape: [steps + 1] + frame)
    }

    func boundary(at step: Int) throws -> Tensor { try records.selected(0, step) }

    /// What tells these boundaries from others.
    func digest() throws(TorchError) -> String { try records.digest() }

    /// Writes what a channel holds of a finished segment.
    ///
    /// - Precondition: the boundaries of all steps were published.
    static func write(_ channel: BoundaryChannel, steps: Int, to path: String) throws {
        guard let records = try channel.records(before: steps + 1) else {
            preconditionFailure("a finished segment without some of its boundaries")
        }
        try Tensor.save([key: records], to: path)
    }
}
