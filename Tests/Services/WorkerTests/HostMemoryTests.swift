import HostFacts
import Testing
import Worker

/// Goal: what a worker says of its memory is this machine's and this process's own. Method: memory that is touched.
@Suite struct HostMemoryTests {
    @Test func memoryThatIsTouchedIsResident() {
        let byteCount = 64 << 20
        let before = HostMemory.residentBytes
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 4096)
        defer { memory.deallocate() }
        memory.initializeMemory(as: UInt8.self, repeating: 1)
        // What other tests give back meanwhile is less than that.
        #expect(HostMemory.residentBytes >= before + byteCount / 2)
    }

    @Test func theMachineHasMoreThanAProcessAndNotAllOfItFree() {
        let memory = DeviceMemory.host
        #expect(memory.usedBytes > 1 << 20 && memory.usedBytes < HostMemory.totalBytes)
        #expect(memory.freeBytes > 0 && memory.freeBytes < HostMemory.totalBytes)
    }
}
