import Farm
import Foundation
import Glibc

/// Which GPUs the machine has, by NVIDIA's own program: the agent runs without libtorch and CUDA.
public enum GPUQuery {
    private static let arguments = ["--query-gpu=uuid,name,memory.total", "--format=csv,noheader,nounits"]
    /// A driver that is stuck answers never.
    private static let patience = Duration.seconds(30)

    /// The GPUs that this process may use, in the order of their numbers; none where there is no driver.
    public static func run() -> [NodeDevice] {
        let environment = ProcessInfo.processInfo.environment
        guard let text = answer(environment) else { return [] }
        return visible(devices(in: text), to: environment["CUDA_VISIBLE_DEVICES"])
    }

    /// Lines as `GPU-8f1c…, NVIDIA H100 80GB HBM3, 81559`, the memory in MiB; what is no such line is skipped.
    static func devices(in text: String) -> [NodeDevice] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let parts = line.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            guard parts.count == 3, parts[0].hasPrefix("GPU-"), !parts[1].isEmpty else { return nil }
            // Of a GPU that shares the host's memory it says "[N/A]".
            let memory = (Int(parts[2]) ?? 0) << 20
            return NodeDevice(
                device: WorkerDevice(uuid: parts[0], memoryBytes: memory, kind: NodeDevice.kind(parts[1])),
                isGPU: true)
        }
    }

    /// As CUDA reads the variable: numbers or beginnings of UUIDs, up to the first that names none. A batch system
    /// says so which of a machine's GPUs are a job's.
    static func visible(_ devices: [NodeDevice], to variable: String?) -> [NodeDevice] {
        guard let variable else { return devices }
        var visible: [NodeDevice] = []
        for name in variable.split(separator: ",").map({ $0.trimmingCharacters(in: .whitespaces) }) {
            let found =
                if let number = Int(name) {
                    devices.indices.contains(number) ? devices[number] : nil
                } else {
                    devices.first { !name.isEmpty && $0.device.uuid.hasPrefix(name) }
                }
            guard let found else { break }
            visible.append(found)
        }
        return visible
    }

    private static func answer(_ environment: [String: String]) -> String? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["nvidia-smi"] + arguments
        process.environment = environment
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        let watchdog = DispatchWorkItem { kill(process.processIdentifier, SIGKILL) }
        DispatchQueue.global().asyncAfter(
            deadline: .now() + .seconds(Int(patience.components.seconds)), execute: watchdog)
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        watchdog.cancel()
        guard process.terminationReason == .exit, process.terminationStatus == 0 else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
