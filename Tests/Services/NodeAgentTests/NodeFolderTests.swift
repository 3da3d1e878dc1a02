import Foundation
import Testing
import Wire

@testable import NodeAgent

/// Goal: what a node is known by stays on its machine, for its agent alone.
@Suite struct NodeFolderTests {
    private func withPath(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }

    @Test func theSecretIsDrawnOnceAndNobodyElsesToRead() throws {
        try withPath { path in
            let first = try NodeFolder(path).secret
            #expect(try NodeFolder(path).secret == first)
            let mode = try FileManager.default.attributesOfItem(atPath: path + "/agent.secret")[.posixPermissions]
            #expect(mode as? Int == 0o600)
            #expect(try NodeFolder(path + "/other").secret != first)
        }
    }

    @Test func twoAgentsDoNotShareAFolder() throws {
        try withPath { path in
            let first = try NodeFolder(path)
            #expect(throws: NodeFolderError.held(path: "\(first.path)/agent.lock")) { try NodeFolder(path) }
        }
    }

    @Test func aSecretThatOthersCanReadIsRefused() throws {
        try withPath { path in
            _ = try NodeFolder(path)
            let file = path + "/agent.secret"
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
            let error = #expect(throws: NodeFolderError.self) { try NodeFolder(path) }
            #expect(error?.description.contains("chmod 600") == true)
        }
    }

    @Test func whatIsNoSecretIsNotTakenForOne() throws {
        try withPath { path in
            _ = try NodeFolder(path)
            let file = path + "/agent.secret"
            try Data("short".utf8).write(to: URL(fileURLWithPath: file))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
            #expect(throws: NodeFolderError.self) { try NodeFolder(path) }
        }
    }

    // MARK: Logs

    @Test func linesArePassedOnOnceAndTheLastIsKept() throws {
        try withPath { path in
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            var log = WorkerLog(path + "/worker.log")
            let file = try log.begin()
            #expect(log.lines() == [])
            try file.write(contentsOf: Data("one\ntwo\nthr".utf8))
            #expect(log.lines() == ["one", "two"])
            try file.write(contentsOf: Data("ee\n\n".utf8))
            #expect(log.lines() == ["three", ""])
            #expect(log.lastLine == "three" && log.tail(bytesMax: 100) == "one\ntwo\nthree")
            #expect(log.tail(bytesMax: 10) == "two\nthree" && log.tail(bytesMax: 3) == "three")
            try file.write(contentsOf: Data("cut off".utf8))
            #expect(log.lines() == [] && log.lines(isOver: true) == ["cut off"])
            // Another agent does not say them again; another process begins anew, and the file before is kept.
            var later = WorkerLog(path + "/worker.log")
            #expect(later.lines() == [])
            _ = try later.begin()
            #expect(later.lines() == [] && later.lastLine == "")
            #expect(try String(contentsOfFile: path + "/worker.log.1", encoding: .utf8).hasPrefix("one\n"))
        }
    }

    @Test func aFileThatHasGrownLargeIsBegunAgainUnderItsWriter() throws {
        try withPath { path in
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            var log = WorkerLog(path + "/worker.log")
            let file = try log.begin()
            let line = String(repeating: "x", count: 4095) + "\n"
            for _ in 0..<4097 { try file.write(contentsOf: Data(line.utf8)) }
            #expect(log.lines().count == 4097)
            let size = try FileManager.default.attributesOfItem(atPath: path + "/worker.log")[.size] as? Int
            #expect(size == 0)
            try file.write(contentsOf: Data("after\n".utf8))
            #expect(log.lines() == ["after"])
        }
    }
}
