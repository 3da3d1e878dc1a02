import ArgumentParser
import Checkup
import Console
import FarmFolder
import Foundation
import Mochi
import Torch
import Transport

/// Says whether this machine can render, and join its farm.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Checks this machine: libraries, devices, keys, disk, clock, and the coordinator to join.",
        discussion: """
            A line for each check: ok, warn (it works, but not for long or not for everything) or fail, and what to \
            do. The status is 1 where something fails. Where to join is taken from the options of join, STORYFARM_… \
            and /etc/storyfarm/worker.yaml; without any of them the coordinator is left out.
            """)

    @OptionGroup
    var joining: JoinOptions
    @Option(help: .setting(.models, valueName: "folder"), completion: .directory)
    var model: [String] = []
    @OptionGroup
    var compute: ComputeOptions
    @Option(help: .setting(.scratch, valueName: "folder"), completion: .directory)
    var scratch: String?
    @Flag(help: "JSON for programs.")
    var json = false

    func run() async throws {
        var checks = Check.libraries()
        checks += DeviceChecks(wanted: compute.device).checks()
        let models = model.isEmpty ? Configuration.current.list(.models) : model
        checks += models.map(Self.check(model:))
        let scratch =
            scratch ?? Configuration.current.optionalText(.scratch) ?? FileManager.default.temporaryDirectory.path
        checks += Check.disk(scratch, watermarkBytes: Self.scratchBytes, reserveBytes: Self.scratchBytes / 8)
        checks.append(.clock())
        let place = joining.place
        if place.isGiven { checks += await Self.checks(of: place) }
        try CheckReport(checks).conclude(asJSON: json)
    }

    /// Finished latents and videos of a few large segments on their way.
    private static let scratchBytes = 4 << 30

    private static func check(model folder: String) -> Check {
        do {
            let found = try ModelFolder(folder)
            return .ok("model", "\(folder)\(found.clip == nil ? ", without a CLIP" : "")")
        } catch {
            return .fail("model", "\(error)", remedy: "storyfarm-worker model \(folder) checks every file of it")
        }
    }

    private static func checks(of place: JoinedFarm) async -> [Check] {
        do {
            let (endpoint, pair, server) = try place.connection()
            let key = place.keys.map { [Check.key($0)] } ?? []
            return key + (await Check.handshake(with: endpoint, keys: pair, server: server))
        } catch {
            return [.fail("coordinator", "\(error)", remedy: "storyfarm-worker join --help has examples")]
        }
    }
}

/// libtorch and what it computes on.
private struct DeviceChecks {
    /// As the option has it.
    let wanted: String

    func checks() -> [Check] {
        let runtime: Runtime
        do { runtime = try Runtime.start() } catch {
            return [.fail("libtorch", "\(error)", remedy: "ops/setup installs one, ops/build-ctorch the rest")]
        }
        return [
            .ok("libtorch", "\(runtime.loadedVersion), libCTorch was built for \(runtime.compiledVersion)"),
            Self.cpu(runtime),
        ] + Self.accelerator(runtime) + [device(runtime)]
    }

    private static func cpu(_ runtime: Runtime) -> Check {
        .ok(
            "cpu",
            "\(runtime.cpuCapability), \(Runtime.threadCount) threads, bf16 "
                + (runtime.cpuHasBFloat16 ? "native" : "emulated: --precision fp32 is faster here"))
    }

    private static func accelerator(_ runtime: Runtime) -> [Check] {
        if let problem = runtime.acceleratorProblem {
            return [
                .warn(
                    "cuda", "libtorch's CUDA half was not loaded: \(problem)",
                    remedy: "install the NVIDIA driver; or a libtorch without CUDA, if there is no GPU")
            ]
        }
        return (0..<runtime.cudaDeviceCount).flatMap { index in
            let memory = try? Device.cuda(index).memory()
            let bytes = memory.map { ", \($0.freeBytes >> 30) of \($0.totalBytes >> 30) GiB free" } ?? ""
            let uuid = Runtime.cudaDeviceUUID(index).map { ", \($0)" } ?? ""
            let device = Check.ok("cuda:\(index)", Runtime.cudaDeviceName(index) + bytes + uuid)
            guard let problem = Runtime.cudaKernelProblem(index) else { return [device] }
            return [
                device,
                .warn(
                    "kernels", "none of our own on cuda:\(index), steps are slower: \(problem)",
                    remedy: "a libtorch with NVRTC beside it, as NVIDIA's and PyTorch's packages have it"),
            ]
        }
    }

    private func device(_ runtime: Runtime) -> Check {
        guard let device = Device(wanted), device != .meta else {
            return .fail("device", "'\(wanted)' is none", remedy: "--device cpu, cuda or cuda:N")
        }
        if case .cuda(let index) = device, index >= runtime.cudaDeviceCount {
            return .fail(
                "device", "there is no \(device): libtorch sees \(runtime.cudaDeviceCount) CUDA devices",
                remedy: "nvidia-smi shows what the driver sees; LIBTORCH has to name a libtorch with CUDA")
        }
        return .ok("device", "\(device)")
    }
}
