import Testing
import Torch

/// Goal: the process knows which libtorch it runs on, and random numbers belong to their generator alone.
@Suite(.serialized) struct RuntimeTests {
    @Test func theLoadedLibtorchIsTheOneThatWasCompiledAgainst() throws {
        let runtime = try Runtime.start()
        #expect(runtime.compiledVersion.hasPrefix("2."))
        #expect(runtime.loadedVersion.hasPrefix(runtime.compiledVersion))
        #expect(!runtime.cpuCapability.isEmpty)
    }

    @Test func threadsAreSetForTheProcess() throws {
        let before = Runtime.threadCount
        try Runtime.setThreadCount(1)
        #expect(Runtime.threadCount == 1)
        try Runtime.setThreadCount(before)
        #expect(throws: TorchError.self) { try Runtime.setThreadCount(0) }
    }

    @Test func oneSeedGivesOneSequence() throws {
        let (a, b) = (try Generator(seed: 7), try Generator(seed: 7))
        let first: [Float] = try a.normal([1, 12, 5]).array()
        _ = try Generator(seed: 8).normal([100])  // Another generator in between changes nothing.
        #expect(try b.normal([1, 12, 5]).array() == first)
        #expect(try a.normal([1, 12, 5]).array() != first)
        // The first three values of torch.manual_seed(7); torch.randn(3), PyTorch 2.13.
        let known: [Float] = [-0.146_795_09, 0.786_141_28, 0.946_821_63]
        let small: [Float] = try Generator(seed: 7).normal([3]).array()
        for (value, expected) in zip(small, known) { #expect(abs(value - expected) < 1e-6) }
    }

    @Test func onlyAcceleratorsHaveMemoryOfTheirOwn() throws {
        #expect(try Device.cpu.memory() == nil)
        guard try Runtime.start().cudaDeviceCount > 0 else {
            #expect(Runtime.cudaKernelProblem(0)?.isEmpty == false)
            return
        }
        #expect(Runtime.cudaKernelProblem(0) == nil)
        let memory = try #require(try Device.cuda(0).memory())
        #expect(memory.totalBytes > 1 << 30 && memory.freeBytes <= memory.totalBytes)
        let tensor = try Tensor.empty([1 << 20], device: .cuda(0))
        let after = try #require(try Device.cuda(0).memory())
        #expect(after.usedBytes >= 4 * tensor.extent(0))
        #expect(Runtime.cudaDeviceUUID(0)?.count == "GPU-".count + 36)
    }

    @Test func tensorsMayBeReadAndReleasedOnManyThreads() async throws {
        let shared = try Generator(seed: 1).normal([64, 64])
        let expected: [Float] = try shared.matmul(shared).array()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<64 {
                group.addTask {
                    for _ in 0..<20 where try shared.narrowed(0, 0..<64).matmul(shared).array() != expected {
                        return false
                    }
                    return true
                }
            }
            for try await isEqual in group { #expect(isEqual) }
        }
    }
}
