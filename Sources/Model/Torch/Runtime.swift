internal import CTorch

/// The libtorch of this process.
public struct Runtime: Sendable {
    /// What libCTorch was compiled against, as "2.13.0".
    public let compiledVersion: String
    /// What is loaded, as "2.13.0+cpu".
    public let loadedVersion: String
    /// The vector instructions that CPU kernels use, as "AVX512".
    public let cpuCapability: String
    /// Whether this CPU multiplies bf16 matrices natively; without it bf16 is slower than fp32.
    public let cpuHasBFloat16: Bool
    /// 0 where libtorch has no CUDA or the machine no usable device.
    public let cudaDeviceCount: Int
    /// Why libtorch's CUDA half could not be loaded, in the loader's words; nil if it was, or if there is none.
    public let acceleratorProblem: String?

    /// Checks the versions, loads libtorch's CUDA half if there is one, and switches libtorch's inter-operator threads
    /// off; to be called before the first tensor is made.
    ///
    /// - Throws: `TorchError` of kind `incompatible`, naming the version found and those supported.
    public static func start() throws(TorchError) -> Runtime {
        var abiVersion: Int32 = 0
        try perform("start") { ctorch_initialize(&abiVersion) }
        guard abiVersion == CTORCH_ABI_VERSION else {
            throw TorchError(
                kind: .incompatible, operation: "start",
                message: "libCTorch has interface version \(abiVersion), this program needs \(CTORCH_ABI_VERSION): "
                    + "run ops/build-ctorch")
        }
        let problem = String(cString: ctorch_accelerator_problem())
        return Runtime(
            compiledVersion: String(cString: ctorch_compiled_version()),
            loadedVersion: String(cString: ctorch_loaded_version()),
            cpuCapability: String(cString: ctorch_cpu_capability()),
            cpuHasBFloat16: ctorch_cpu_has_bfloat16(),
            cudaDeviceCount: Int(ctorch_cuda_device_count()),
            acceleratorProblem: problem.isEmpty ? nil : problem)
    }

    /// The model of a CUDA device, as "NVIDIA H200"; empty where the driver does not tell.
    public static func cudaDeviceName(_ index: Int) -> String {
        text(of: 256) { ctorch_cuda_device_name(Int32(clamping: index), $0, $1) }
    }

    /// The name of a CUDA device that no other has, as "GPU-8b1f…"; nil where the driver does not tell.
    public static func cudaDeviceUUID(_ index: Int) -> String? {
        var bytes = [UInt8](repeating: 0, count: 16)
        guard ctorch_cuda_device_uuid(Int32(clamping: index), &bytes) else { return nil }
        let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        // As nvidia-smi writes it.
        let groups = [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }
        return "GPU-" + groups.joined(separator: "-")
    }

    /// Why a CUDA device has no kernels of our own, with which a step takes four fifths of the time; nil if it has.
    public static func cudaKernelProblem(_ index: Int) -> String? {
        let problem = text(of: 4096) { ctorch_cuda_kernel_problem(Int32(clamping: index), $0, $1) }
        return problem.isEmpty ? nil : problem
    }

    private static func text(of capacity: Int, _ write: (UnsafeMutablePointer<CChar>, Int32) -> Void) -> String {
        var text = [CChar](repeating: 0, count: capacity)
        text.withUnsafeMutableBufferPointer { write($0.baseAddress!, Int32($0.count)) }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Threads that one CPU operator may use when called from this thread.
    public static var threadCount: Int { Int(ctorch_thread_count()) }

    /// To be called before the first operator: a thread that has already computed keeps its number (OpenMP).
    ///
    /// - Throws: `TorchError` if `count` is not positive.
    public static func setThreadCount(_ count: Int) throws(TorchError) {
        try perform("setThreadCount") { ctorch_set_thread_count(Int32(clamping: count)) }
    }
}
