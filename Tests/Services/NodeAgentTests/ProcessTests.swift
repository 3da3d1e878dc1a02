import Farm
import Foundation
import Testing

@testable import NodeAgent

/// Goal: an agent finds its workers, and reaches nobody else. Method: real processes.
@Suite struct ProcessTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.resolvingSymlinksInPath().path)
    }

    private struct Started {
        let mark: ProcessMark
        let ends: AsyncStream<WorkerLauncher.Ended>
    }

    private func start(
        _ arguments: [String], slot: Int = 3, in folder: String, on device: NodeDevice = .cpu(of: "n", memoryBytes: 1)
    ) throws -> Started {
        let (ends, ended) = AsyncStream.makeStream(of: WorkerLauncher.Ended.self)
        let launcher = WorkerLauncher(
            program: WorkerProgram(path: arguments[0], arguments: Array(arguments.dropFirst())), devices: [device],
            folder: folder, ended: ended)
        var log = WorkerLog("\(folder)/worker.log")
        return Started(mark: try launcher.start(slot: slot, device: 0, log: log.begin()), ends: ends)
    }

    @Test(.timeLimit(.minutes(5))) func aWorkerIsFoundByItsFolderAndOnlyByThat() async throws {
        try withFolder { folder in
            let worker = try start(["/usr/bin/tail", "-f", "/dev/null"], in: folder)
            defer { kill(pid_t(worker.mark.process), SIGKILL) }
            // A process that has only begun has no environment yet.
            var found = Orphans.find(folder: folder)
            while found.isEmpty {
                sched_yield()
                found = Orphans.find(folder: folder)
            }
            #expect(found.map(\.mark.process) == [worker.mark.process])
            #expect(found.map(\.slot) == [3])
            #expect(Orphans.find(folder: folder + "/other").isEmpty)
        }
    }

    @Test func anotherProcessWithTheSameNumberIsLeftAlone() async throws {
        var ends: AsyncStream<WorkerLauncher.Ended>?
        try withFolder { folder in
            let worker = try start(["/usr/bin/tail", "-f", "/dev/null"], in: folder)
            let earlier = ProcessMark(process: worker.mark.process, startTime: worker.mark.startTime - 1)
            #expect(worker.mark.isAlive && !earlier.isAlive)
            earlier.send(SIGKILL)
            worker.mark.send(SIGTERM)
            ends = worker.ends
        }
        // By the second one's signal: the first reached nobody.
        var iterator = try #require(ends).makeAsyncIterator()
        let end = try #require(await iterator.next())
        #expect(end.cause == .signalled && end.code == Int(SIGTERM))
    }

    @Test func aWorkerSeesItsGPUAloneOrNone() async throws {
        try await seen(on: GPUQuery.devices(in: "GPU-1, H100, 80000\n")[0], "GPU-1")
        try await seen(on: .cpu(of: "n", memoryBytes: 1), "")
    }

    private func seen(on device: NodeDevice, _ expected: String) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let worker = try start(
            ["/bin/sh", "-c", "echo \"sees '$CUDA_VISIBLE_DEVICES'\"; exit 7"], in: folder, on: device)
        var iterator = worker.ends.makeAsyncIterator()
        let end = try #require(await iterator.next())
        #expect(end.process == worker.mark.process && end.cause == .exited && end.code == 7)
        let text = try String(contentsOfFile: "\(folder)/worker.log", encoding: .utf8)
        #expect(text == "sees '\(expected)'\n")
    }

    @Test func aProgramThatIsNotThereIsAnErrorAndNoWorker() throws {
        try withFolder { folder in
            #expect(throws: (any Error).self) { try start(["/nonexistent/worker"], in: folder) }
        }
    }

    @Test func thisProcessIsAliveAndOneBeforeItIsNot() throws {
        let own = try #require(ProcessMark(of: Int(getpid())))
        #expect(own.isAlive && own.startTime > 0)
        #expect(ProcessMark(of: Int(Int32.max)) == nil)
    }

    @Test func killsAreCountedByTheirLine() {
        #expect(MemoryKills.number("oom_kill", in: "low 0\noom 3\noom_kill 2\noom_group_kill 9\n") == 2)
        #expect(MemoryKills.number("oom_kill", in: "") == 0)
        #expect(MemoryKills.count() >= 0)
    }
}
