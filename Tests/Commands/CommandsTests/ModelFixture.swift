import Foundation
import Safetensors
import Torch

/// The small random model that the recordings of whole runs were made with.
enum ModelFixture {
    static let recordings = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Golden/GoldenTests/Fixtures")
    static let folder = recordings.appending(path: "model-1").path
    /// In three or more shards.
    static let transformer = "transformer/diffusion_pytorch_model"

    /// A copy that a test may spoil.
    static func copy(into folder: URL) throws -> String {
        let copy = folder.appending(path: "model")
        try FileManager.default.copyItem(at: URL(filePath: Self.folder), to: copy)
        // Those lead out of the folder.
        for link in ["tokenizer", "clip/merges.txt", "clip/vocab.json"] {
            let target = URL(filePath: Self.folder).appending(path: link).resolvingSymlinksInPath()
            try FileManager.default.removeItem(at: copy.appending(path: link))
            try FileManager.default.createSymbolicLink(at: copy.appending(path: link), withDestinationURL: target)
        }
        return copy.path
    }

    /// Rewrites a file of a copy.
    static func edit(_ path: String, _ change: (inout [String: Tensor]) throws -> Void) throws {
        let file = try SafetensorsFile(path: path)
        var tensors: [String: Tensor] = [:]
        for key in file.header.entries.keys { tensors[key] = try Tensor.load(key, from: file).copy() }
        try change(&tensors)
        try Tensor.save(tensors, to: path)
    }
}
