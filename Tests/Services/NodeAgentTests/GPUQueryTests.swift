import Farm
import Foundation
import Testing

@testable import NodeAgent

/// Goal: what NVIDIA's program says of GPUs is understood. Method: its answers as text, and
/// scripts in its place.
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

    @Test(
        arguments: [
            ("exit 9", nil, GPUQueryError.failed("ended with status 9")),
            ("kill -9 $$", nil, .failed("was ended by signal 9")),
            ("echo 'No devices were found'", nil, .none(visible: nil)),
            ("echo GPU-1, H100, 81559", "", .none(visible: "")),
            ("echo GPU-1, H100, 81559", "0", nil), (nil, nil, nil),
        ] as [(String?, String?, GPUQueryError?)])
    func whoHasNVIDIAsProgramAndNoGPUIsTold(script: String?, visible: String?, error: GPUQueryError?) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        if let script {
            let file = folder.appending(path: "nvidia-smi").path
            try "#!/bin/sh\n\(script)\n".write(toFile: file, atomically: false, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
        }
        var environment = ["PATH": folder.path]
        environment["CUDA_VISIBLE_DEVICES"] = visible
        do throws(GPUQueryError) {
            let count = try GPUQuery.run(in: environment).count
            #expect(error == nil && count == (script == nil ? 0 : 1))
        } catch let found {
            #expect(found == error)
            #expect(found.description.hasSuffix("--cpu-only is for a node without"))
        }
    }
}
