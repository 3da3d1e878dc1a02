import ArgumentParser
import CLIP
import Console
import Mochi
import Storytelling
import Torch

/// Where to compute; the same options for every command that does.
struct ComputeOptions: ParsableArguments {
    @Option(help: .setting(.device), completion: .list(["cpu", "cuda", "cuda:0"]))
    var device = Configuration.current.text(.device)
    @Option(help: .setting(.threads))
    var threads: Int?
    @OptionGroup
    var configuration: ConfigurationOptions

    /// Starts libtorch and checks the options against this machine.
    ///
    /// - Throws: `WrongInput` naming the option.
    func start() throws -> (runtime: Runtime, device: Device) {
        guard let device = Device(device), device != .meta else {
            throw WrongInput("--device is \(device), expected cpu, cuda or cuda:N")
        }
        let threads = threads ?? Configuration.current.optionalInteger(.threads)
        if let threads { try Setting.threads.check(threads) }
        let runtime = try Runtime.start()
        if let threads { try Runtime.setThreadCount(threads) }
        if case .cuda(let index) = device, index >= runtime.cudaDeviceCount {
            let problem = runtime.acceleratorProblem.map { ": \($0)" } ?? ""
            throw WrongInput(
                "there is no device \(device): libtorch sees \(runtime.cudaDeviceCount) CUDA devices\(problem)")
        }
        return (runtime, device)
    }
}

/// What a model computes in.
struct PrecisionOptions: ParsableArguments {
    @Option(help: .setting(.precision), completion: .setting(.precision))
    var precision: String?
    @Option(help: .setting(.attention), completion: .setting(.attention))
    var attention = Configuration.current.text(.attention)

    /// Starts libtorch and checks the options against this machine.
    ///
    /// - Throws: `WrongInput` naming the option.
    func start(_ compute: ComputeOptions) throws -> (runtime: Runtime, options: MochiModel.Options) {
        var options = MochiModel.Options()
        try Setting.attention.check(attention)
        options.backend = AttentionBackend(rawValue: attention) ?? options.backend
        let given = try dtype()
        let (runtime, device) = try compute.start()
        options.device = device
        // There bf16 is two hundred times slower than fp32 (measured on AVX2).
        options.dtype = given ?? (device == .cpu && !runtime.cpuHasBFloat16 ? .float32 : nil)
        return (runtime, options)
    }

    private func dtype() throws -> DType? {
        guard let precision = precision ?? Configuration.current.optionalText(.precision) else { return nil }
        try Setting.precision.check(precision)
        return precision == "bf16" ? .bfloat16 : .float32
    }
}

/// How to load a model and where to compute.
struct DeviceOptions: ParsableArguments {
    @Option(
        name: .customLong("model"), help: ArgumentHelp("The model's folder.", valueName: "folder"),
        completion: .directory)
    var givenModel: String?
    @OptionGroup
    var compute: ComputeOptions
    @OptionGroup
    var precision: PrecisionOptions

    /// Starts libtorch and checks the options against this machine.
    ///
    /// - Throws: `WrongInput` naming the option.
    func start() throws -> (runtime: Runtime, options: MochiModel.Options) { try precision.start(compute) }

    /// The model's folder; of several that are set the first.
    var model: String { givenModel ?? Configuration.current.list(.models).first ?? "" }

    func validate() throws {
        guard !model.isEmpty else { throw ValidationError("expected --model FOLDER, or STORYFARM_MODEL") }
    }
}

/// What the last digits of a result depend on besides the request and the model.
enum DeviceSetting {
    static func values(_ runtime: Runtime, _ options: MochiModel.Options) -> [String: String] {
        var setting = [
            "libtorch": runtime.loadedVersion, "cpu": runtime.cpuCapability, "threads": "\(Runtime.threadCount)",
            "attention": options.backend.rawValue, "device": "cpu",
        ]
        if case .cuda(let index) = options.device { setting["device"] = Runtime.cudaDeviceName(index) }
        return setting
    }
}

/// Runs what may fail for want of the right input, and makes that an error with a status of its own.
func judged<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let error as MochiError where error.isBadInput {
        throw WrongInput(error.description)
    } catch let error as ModelFolderError {
        throw WrongInput(error.description)
    } catch let error as VideoSizeError {
        throw WrongInput(error.description)
    } catch let error as CLIPError where error.isBadInput {
        throw WrongInput(error.description)
    } catch let error as StorytellingError {
        throw WrongInput(error.description)
    } catch let error as LatentsFileError {
        throw WrongInput(error.description)
    } catch MochiError.weights(.cancelled) {
        throw CancellationError()
    }
}
