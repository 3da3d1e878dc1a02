import Console
import Foundation
import Testing

/// Goal: what a killed process left behind is removed, and nothing that anybody needs.
/// Method: one that lets its lock go without removing its folder, as a killed process does.
@Suite struct ScratchFolderTests {
    @Test func whatAKilledProcessLeftIsRemovedByTheNext() throws {
        let parent = FileManager.default.temporaryDirectory.appending(path: "sf-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: parent) }
        func names() throws -> Set<String> { Set(try FileManager.default.contentsOfDirectory(atPath: parent)) }
        let living = try ScratchFolder(in: parent, kind: "worker")
        let killed = try { try ScratchFolder(in: parent, kind: "worker").path }()
        try Data([1]).write(to: URL(filePath: killed + "/1.latents"))
        for name in ["worker", "worker-elsewhere-1", "another"] {
            try FileManager.default.createDirectory(atPath: "\(parent)/\(name)", withIntermediateDirectories: true)
        }
        let other = try ScratchFolder(in: parent, kind: "render")
        #expect(FileManager.default.fileExists(atPath: killed), "it is of another kind")
        let next = try ScratchFolder(in: parent, kind: "worker")
        #expect(!FileManager.default.fileExists(atPath: killed))
        let kept = [living, other, next].map { URL(filePath: $0.path).lastPathComponent }
        #expect(try names() == Set(kept + ["worker", "worker-elsewhere-1", "another"]))
        for folder in [living, other, next] { folder.remove() }
        #expect(try names() == ["worker", "worker-elsewhere-1", "another"])
    }
}
