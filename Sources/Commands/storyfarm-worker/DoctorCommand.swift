import ArgumentParser
import Media
import Torch
import Transport
import Wire

/// Says whether this machine can render: its libraries, its device, its video encoder.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Checks the libraries and devices of this machine.")

    func run() throws {
        let runtime = try Runtime.start()
        print("libtorch     \(runtime.loadedVersion) (libCTorch was built for \(runtime.compiledVersion))")
        print("CPU          \(runtime.cpuCapability), bf16 \(runtime.cpuHasBFloat16 ? "native" : "emulated, slow")")
        print("threads      \(Runtime.threadCount)")
        print("CUDA devices \(runtime.cudaDeviceCount)")
        for index in 0..<runtime.cudaDeviceCount { print("  cuda:\(index)     \(Runtime.cudaDeviceName(index))") }
        if let problem = runtime.acceleratorProblem {
            print("             libtorch's CUDA half was not loaded: \(problem)")
        }
        print("libzmq       \(TransportLibrary.version)")
        print("protobuf-c   \(WireLibrary.version)")
        print("libavcodec   \(MediaLibrary.version)")
        try TransportLibrary.requireCurve()
        try MediaLibrary.requireEncoder()
        print("encryption (CURVE) and video encoding (\(MediaLibrary.encoderName)) are there")
    }
}

/// One line for a person, without a stack or a type's name.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
