import Foundation
import Programs
import Testing

/// Goal: a program that meets another libtorch than it was built for says which, and which are supported.
/// Method: a folder that links to the real libraries and claims another version, put in front of them.
@Suite struct ForeignLibtorchTests {
    @Test func theVersionFoundAndTheSupportedOnesAreNamed() throws {
        try withFolder { folder in
            let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
            let libtorch =
                ProcessInfo.processInfo.environment["LIBTORCH"] ?? root.appending(path: ".libtorch/torch").path
            let foreign = folder.appending(path: "foreign").path
            try FileManager.default.createDirectory(atPath: foreign + "/lib", withIntermediateDirectories: true)
            for name in try FileManager.default.contentsOfDirectory(atPath: libtorch + "/lib") {
                try FileManager.default.createSymbolicLink(
                    atPath: "\(foreign)/lib/\(name)", withDestinationPath: "\(libtorch)/lib/\(name)")
            }
            try Data("2.4.0\n".utf8).write(to: URL(filePath: foreign + "/build-version"))
            let outcome = try Program(
                "storyfarm-worker", "doctor", in: folder, environment: ["LD_LIBRARY_PATH": foreign + "/lib"]
            ).finish()
            #expect(outcome.status == 1)
            #expect(outcome.output.contains("libtorch 2.4.0 is loaded from \(foreign)/lib"), "\(outcome.output)")
            #expect(outcome.output.contains("supported are 2.11 to 2.13: run ops/build-ctorch"))
        }
    }
}
