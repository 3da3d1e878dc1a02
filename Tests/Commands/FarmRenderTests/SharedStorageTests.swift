import Foundation
import Programs
import Testing

/// Goal: a farm with a shared folder renders what one without renders, also while the folder is gone.
/// Method: the programs themselves; workers that only pretend to denoise.
@Suite(.serialized) struct SharedStorageTests {
    private static let segments = 4

    private func coordinator(_ folder: FarmFolder, _ arguments: String...) throws -> Program {
        try Program(
            "storyfarm-coordinator",
            ["--folder", folder.farm.path, "--allow-simulated", "--reserve", "0", "--log-level", "info"] + arguments,
            in: folder.root)
    }

    private func worker(_ folder: FarmFolder, _ arguments: String...) throws -> Program {
        try Program(
            "storyfarm-worker", ["join", "--farm", folder.farm.path, "--simulated-step", "5ms"] + arguments,
            in: folder.root)
    }

    private func render(_ folder: FarmFolder) throws {
        let story = try folder.story(segments: Self.segments)
        let outcome = try Program(
            "storyfarm", "submit", story, "--allow-simulation", "--wait", "--farm", folder.connection, in: folder.root
        ).finish()
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    private func latents(in place: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "\(place)/latents/1")) ?? []).sorted()
    }

    private func undisturbed() throws -> [String] {
        var names: [String] = []
        try withFarmFolder { folder in
            let head = try coordinator(folder)
            defer { head.send(SIGKILL) }
            head.waitForErrors(containing: "listening for people")
            let worker = try worker(folder)
            defer { worker.send(SIGKILL) }
            try render(folder)
            names = folder.latents()
        }
        return names
    }

    /// - Parameter body: is given the folder that is shared.
    private func withSharing(_ body: (FarmFolder, _ shared: String) throws -> Void) throws {
        try withFarmFolder { folder in
            let shared = folder.root.appending(path: "shared").path
            try FileManager.default.createDirectory(atPath: shared, withIntermediateDirectories: true)
            let head = try coordinator(folder, "--shared", shared)
            defer { head.send(SIGKILL) }
            head.waitForErrors(containing: "listening for people")
            try body(folder, shared)
        }
    }

    @Test func latentsAndVideosStayInTheSharedFolder() throws {
        let expected = try undisturbed()
        #expect(expected.count == Self.segments)
        try withSharing { folder, shared in
            let first = try worker(folder, "--shared", shared)
            defer { first.send(SIGKILL) }
            try render(folder)
            #expect(latents(in: shared) == expected && folder.latents() == [])
            #expect(try FileManager.default.contentsOfDirectory(atPath: shared + "/video/1").count == Self.segments)
            #expect(try FileManager.default.contentsOfDirectory(atPath: shared + "/incoming") == [])
            // One that does not share may work for the same farm.
            first.send(SIGTERM)
            _ = first.finish()
            let second = try worker(folder)
            defer { second.send(SIGKILL) }
            try render(folder)
            let sent = folder.farm.appending(path: "artifacts/latents/2").path
            #expect(try FileManager.default.contentsOfDirectory(atPath: sent).count == Self.segments)
        }
    }

    @Test func aFolderThatGoesAwayCostsNothingButTheWay() throws {
        let expected = try undisturbed()
        try withSharing { folder, shared in
            let worker = try worker(folder, "--shared", shared, "--log-level", "warning")
            defer { worker.send(SIGKILL) }
            // As an unmounted file system: the worker has seen it, and then it is no more.
            try FileManager.default.removeItem(atPath: shared + "/incoming")
            try render(folder)
            #expect(folder.latents() == expected)
            worker.send(SIGTERM)
            let said = worker.finish().errors
            #expect(said.components(separatedBy: "the shared folder takes no file").count == 2, "once: \(said)")
        }
    }

    @Test func aFolderThatIsNotThereIsOneLineAndNothingRuns() throws {
        try withSharing { folder, shared in
            let missing = folder.root.appending(path: "missing").path
            for (place, reason) in [(missing, "No such file"), (folder.root.path, "it has no storyfarm-shared")] {
                let outcome = try worker(folder, "--shared", place).finish()
                #expect(outcome.status == 2 && outcome.errors.hasPrefix("Error: --shared \(place): "))
                #expect(outcome.errors.contains(reason) && outcome.errors.split(separator: "\n").count == 1)
            }
        }
        try withFarmFolder { folder in
            let shared = folder.root.appending(path: "shared").path
            let first = try coordinator(folder, "--shared", shared).finish()
            #expect(first.status == 2 && first.errors.contains("--shared \(shared): No such file"), "\(first.errors)")
            try FileManager.default.createDirectory(atPath: shared, withIntermediateDirectories: true)
            let second = try coordinator(folder, "--shared", shared)
            second.waitForErrors(containing: "listening for people")
            second.send(SIGTERM)
            _ = second.finish()
            let third = try coordinator(folder).finish()
            #expect(third.status == 2 && third.errors.contains("name it by --shared"), "\(third.errors)")
        }
    }
}
