import Farm
import Foundation
import Glibc

/// Which GPUs the machine has, by NVIDIA's own program: the agent runs without libtorch and CUDA.
public enum GPUQuery {
    private static let arguments = ["--query-gpu=uuid,name,memory.total", "--format=csv,noheader,nounits"]
    /// A driver that is stuck answers never.
    private static let patience = Duration.seconds(30)

    /// The GPUs that this process may use, in the order of their numbers; none where NVIDIA's program is not there.
    ///
    /// - Throws: where it is there and names none: a node for GPUs would silently compute on its processors.
    public static func run() throws(GPUQueryError) -> [NodeDevice] { try run(in: ProcessInfo.processInfo.environment) }

    static func run(in environment: [String: String]) throws(GPUQueryError) -> [NodeDevice] {
        guard let text = try answer(environment) else { return [] }
        let variable = environment["CUDA_VISIBLE_DEVICES"]
        let visible = visible(devices(in: text), to: variable)
        guard !visible.isEmpty else { throw .none(visible: variable) }
        return visible
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

    /// - Returns: nil where there is no such program.
    private static func answer(_ environment: [String: String]) throws(GPUQueryError) -> String? {
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
        let status = process.terminationStatus
        guard process.terminationReason == .exit else { throw .failed("was ended by signal \(status)") }
        // Of env(1).
        if status == 127 { return nil }
        guard status == 0 else { throw .failed("ended with status \(status)") }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Why a machine that has NVIDIA's program has no GPU for a node.
public enum GPUQueryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// How it ended; it may answer later.
    case failed(String)
    /// It answers, and there is none, or none that `CUDA_VISIBLE_DEVICES` names.
    case none(visible: String?)

    /// Says what to do.
    public var description: String {
        let problem =
            switch self {
            case .failed(let end): "nvidia-smi names no GPU, it \(end): is the driver loaded?"
            case .none(nil): "nvidia-smi names no GPU."
            case .none(let names?): "CUDA_VISIBLE_DEVICES is '\(names)' and names none of the GPUs of nvidia-smi."
            }
        return "\(problem) --cpu-only is for a node without"
    }
}
