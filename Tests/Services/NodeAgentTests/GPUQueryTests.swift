import Farm
import Testing

@testable import NodeAgent

/// Goal: what NVIDIA's program says of GPUs is understood. Method: its answers, as text.
@Suite struct GPUQueryTests {
    private let text = """
        GPU-11111111-aaaa, NVIDIA H100 80GB HBM3, 81559
        GPU-22222222-bbbb, NVIDIA GB10, [N/A]

        No devices were found
        """

    @Test func everyLineIsAGPU() {
        let devices = GPUQuery.devices(in: text)
        #expect(devices.map(\.device.uuid) == ["GPU-11111111-aaaa", "GPU-22222222-bbbb"])
        #expect(devices.map(\.device.memoryBytes) == [81559 << 20, 0])
        #expect(devices.map(\.device.kind.accelerator) == ["NVIDIA H100 80GB HBM3", "NVIDIA GB10"])
        #expect(devices.map(\.isGPU) == [true, true])
    }

    @Test(arguments: [
        (nil, ["GPU-11111111-aaaa", "GPU-22222222-bbbb"]), ("1", ["GPU-22222222-bbbb"]), ("", []), ("-1", []),
        ("1, 0", ["GPU-22222222-bbbb", "GPU-11111111-aaaa"]), ("GPU-2", ["GPU-22222222-bbbb"]),
        ("0,7,1", ["GPU-11111111-aaaa"]), ("MIG-5", []),
    ])
    func aBatchSystemSaysWhichOfThemAreAJobs(variable: String?, uuids: [String]) {
        #expect(GPUQuery.visible(GPUQuery.devices(in: text), to: variable).map(\.device.uuid) == uuids)
    }
}
