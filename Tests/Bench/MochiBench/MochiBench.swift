// How long Mochi's transformer takes for a step and its autoencoder for a video, and how much memory.
//
// Two ways to use it: resident, asked for one round at a time over standard input (`ops/parity/speed.py` does, in turns
// with the reference implementation), or alone, printing its own figures, also on a GPU.

public import ArgumentParser
import Glibc
public import Mochi
public import Torch

extension AttentionBackend: ExpressibleByArgument {}
extension DecodeForm: ExpressibleByArgument {}

enum Part: String, ExpressibleByArgument {
    case denoise, decode, still
    /// Of the transformer, one by one, without weights.
    case operators
}

enum Precision: String, ExpressibleByArgument {
    case fp32, bf16

    var dtype: DType { self == .fp32 ? .float32 : .bfloat16 }
}

@main struct MochiBench: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Times steps and decodes of Mochi.")

    @Option(help: "Folder with transformer/ and vae/ in the published layout.")
    var model: String?
    @Flag(help: "The published Mochi-1's sizes with random weights instead of a folder.")
    var published = false
    @Option var part = Part.denoise
    @Option(help: "Of the weights; a folder's own if not given.")
    var dtype: Precision?
    @Option var device = "cpu"
    @Option(help: "Which kernel computes the transformer's attention.")
    var backend = AttentionBackend.automatic
    @Option var threads = 2
    @Flag(help: "Answer one request per line of standard input.")
    var resident = false

    @Option var width = 192
    @Option var height = 128
    @Option var frames = 25
    @Option(help: "Tokens of the prompt.")
    var tokens = 32
    @Option(help: "Tokens of the negative prompt.")
    var negative = 0
    @Option(help: "Steps of a round.")
    var steps = 3
    @Option(help: "Rounds that are measured, after one that is not.")
    var rounds = 3
    @Option(help: "Latent frames that are decoded at once; chosen by memory if not given.")
    var chunk: Int?
    @Option var form = DecodeForm.genmo

    func validate() throws {
        guard Device(device) != nil else { throw ValidationError("no such device: \(device)") }
        guard part == .operators || (model != nil) != published else {
            throw ValidationError("either --model or --published")
        }
        guard frames % 6 == 1, width % 16 == 0, height % 16 == 0 else {
            throw ValidationError("6 n + 1 frames, width and height multiples of 16")
        }
        guard steps > 0, rounds > 0, threads > 0, tokens >= 0, negative >= 0 else {
            throw ValidationError("steps, rounds and threads are positive")
        }
    }

    func run() throws {
        let runtime = try Runtime.start()
        try Runtime.setThreadCount(threads)
        if case .cuda(let index) = Device(device), let problem = Runtime.cudaKernelProblem(index) {
            print("no kernels of our own: \(problem)")
        }
        if part == .operators, let device = Device(device) {
            let count = ((frames - 1) / 6 + 1) * (height / 16) * (width / 16)
            return try Operators(tokens: count, device: device).measure(rounds: rounds)
        }
        let start = try ResidentMemory.now()
        let subject = try loaded()
        if resident {
            try answer(subject, start: start, runtime: runtime)
        } else {
            try measure(subject, runtime: runtime)
        }
    }

    private func loaded() throws -> Subject {
        guard let device = Device(device) else { preconditionFailure("validated") }
        if let model {
            return try Subject(folder: model, part: part, dtype: dtype?.dtype, device: device, backend: backend)
        }
        return try Subject(
            publishedPart: part, dtype: dtype?.dtype ?? .bfloat16, device: device, backend: backend)
    }

    /// Requests are `denoise none|all STEPS`, `decode FORM`, `forget-peak` and `memory`; a line each way.
    private func answer(_ subject: Subject, start: ResidentMemory, runtime: Runtime) throws {
        let loaded = try ResidentMemory.now()
        guard let model else { throw ValidationError("--resident needs --model") }
        let inputs = try Inputs(folder: model, device: subject.device)
        print("ready libtorch \(runtime.loadedVersion) threads \(Runtime.threadCount) dtype \(subject.dtype)")
        fflush(nil)
        while let line = readLine() {
            let words = line.split(separator: " ").map(String.init)
            switch words.first {
            case "denoise" where words.count == 3:
                let round = try Inputs(inputs, negative: words[1] == "none" ? 0 : inputs.negative.extent(1))
                print(try subject.secondsOfDenoising(round, steps: Int(words[2]) ?? 1))
            case "decode" where words.count == 2:
                print(try subject.secondsOfDecoding(inputs, form: DecodeForm(rawValue: words[1]) ?? form, chunk: chunk))
            case "forget-peak":
                ResidentMemory.forgetPeak()
                print("forgotten")
            case "memory":
                print(start.current, loaded.current, try ResidentMemory.now().peak)
            default: throw ValidationError("not a request: \(line)")
            }
            fflush(nil)
        }
    }

    private func measure(_ subject: Subject, runtime: Runtime) throws {
        let inputs = try Inputs(
            width: width, height: height, frames: frames, tokens: tokens, negative: negative, subject: subject)
        print(
            "\(part), \(width)x\(height), \(frames) frames, \(subject.dtype) on \(subject.device),",
            "attention \(backend), libtorch \(runtime.loadedVersion), \(Runtime.threadCount) threads")
        print("weights \(subject.weightByteCount) bytes")
        var seconds: [Double] = []
        for round in 0...rounds {
            let elapsed =
                switch part {
                case .denoise: try subject.secondsOfDenoising(inputs, steps: steps) / Double(steps)
                case .decode: try subject.secondsOfDecoding(inputs, form: form, chunk: chunk)
                case .still: try subject.secondsOfStills(inputs, count: steps) / Double(steps)
                case .operators: preconditionFailure("measured without a subject")
                }
            print(round == 0 ? "warm-up" : "round \(round)", elapsed, part == .denoise ? "s per step" : "s")
            if round > 0 { seconds.append(elapsed) }
        }
        print("median \(seconds.sorted()[seconds.count / 2]) s, peak of resident memory", terminator: " ")
        print("\(try ResidentMemory.now().peak) bytes")
        if let peak = try subject.device.peakMemory() { print("peak of \(subject.device)'s memory \(peak) bytes") }
    }
}
