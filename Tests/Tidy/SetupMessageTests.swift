import Foundation
import Testing

/// Goal: who lacks something reads one line that says what to install. Method: the real scripts, with the places where
/// they look pointed at empty folders.
@Suite struct SetupMessageTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)")

    @Test func everyMissingLibraryNamesItsDebianPackage() throws {
        let (status, text) = try run("ops/setup", "--check", environment: ["PKG_CONFIG_LIBDIR": "/nonexistent"])
        #expect(status == 1)
        let packages = [
            "libzmq3-dev", "libprotobuf-c-dev", "libavformat-dev", "libavcodec-dev", "libswscale-dev",
            "libsentencepiece-dev", "libsqlite3-dev", "libxxhash-dev", "libyaml-dev",
        ]
        for package in packages {
            let lines = text.split(separator: "\n").filter { $0.hasSuffix("is missing: install Debian's \(package)") }
            #expect(lines.count == 1, "\(package): \(text)")
        }
    }

    @Test func aMissingLibtorchSaysWhereItWasSoughtAndWhatToDo() throws {
        let (status, text) = try run("ops/setup", "--check", environment: ["LIBTORCH": "/nonexistent"])
        #expect(status == 1)
        #expect(text.contains("libtorch is missing in /nonexistent: run ops/setup, or set LIBTORCH to a libtorch 2.11"))
        let (_, build) = try run("ops/build-ctorch", folder.path, environment: ["LIBTORCH": "/nonexistent"])
        #expect(build.contains("no libtorch in /nonexistent"))
    }

    @Test(arguments: [("1", "13"), ("2", "4"), ("3", "0")])
    func anotherLibtorchIsNamedBesideTheSupportedOnes(major: String, minor: String) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let include = folder.appending(path: "include/torch/csrc/api/include/torch")
        try FileManager.default.createDirectory(at: include, withIntermediateDirectories: true)
        try FileManager.default.createDirectory(at: folder.appending(path: "lib"), withIntermediateDirectories: true)
        try Data().write(to: folder.appending(path: "lib/libtorch_cpu.so"))
        let header = "#define TORCH_VERSION_MAJOR \(major)\n#define TORCH_VERSION_MINOR \(minor)\n"
        try Data(header.utf8).write(to: include.appending(path: "version.h"))
        let output = folder.appending(path: "out").path
        let (status, text) = try run("ops/build-ctorch", output, environment: ["LIBTORCH": folder.path])
        #expect(status == 1)
        #expect(text.contains("libtorch \(major).\(minor) found in \(folder.path); supported: 2.11 to 2.13"))
        #expect(!FileManager.default.fileExists(atPath: output), "nothing half-built")
    }

    /// Exit status and what was printed on either stream.
    private func run(_ command: String..., environment: [String: String]) throws -> (Int32, String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["timeout", "60"] + [SourceTree.root.path + "/" + command[0]] + command.dropFirst()
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let output = Pipe()
        (process.standardOutput, process.standardError) = (output, output)
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }
}
