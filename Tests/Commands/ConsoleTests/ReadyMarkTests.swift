import Foundation
import Glibc
import Testing

@testable import Console

/// Goal: whoever watches a process learns when it can work and when no longer.
@Suite struct ReadyMarkTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "sf-\(UUID().uuidString.prefix(8))")

    /// A service manager's socket, and what arrived there.
    private final class Listener {
        private let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)

        /// - Parameter path: with `@` in front a name in the abstract space.
        init(_ path: String) throws {
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let name = Array(path.utf8).map { $0 == UInt8(ascii: "@") ? 0 : $0 }
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
            let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
            let status = withUnsafePointer(to: &address) { address in
                address.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
            }
            try #require(status == 0, "bind: \(String(cString: strerror(errno)))")
        }

        deinit { close(descriptor) }

        /// What is there already; nil where nothing is.
        func next() -> String? {
            var bytes = [UInt8](repeating: 0, count: 100)
            let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
            return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
        }
    }

    @Test(arguments: ["path", "abstract"])
    func theServiceManagerIsTold(space: String) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = space == "path" ? folder.appending(path: "notify").path : "@\(folder.lastPathComponent)"
        let listener = try Listener(path)
        let mark = ReadyMark(file: nil, notice: ServiceNotice(socketPath: path))
        #expect(listener.next() == nil)
        try mark.set()
        #expect(listener.next() == "READY=1")
        mark.clear()
        #expect(listener.next() == "STOPPING=1")
    }

    /// Nobody listens, or what is named can be no socket: nothing is sent, and nothing is in the way.
    @Test(arguments: ["", "relative", "/nonexistent/notify", "/" + String(repeating: "x", count: 200), "vsock:2:1234"])
    func aManagerThatIsNotThereIsNotMissed(path: String) {
        #expect(!ServiceNotice(socketPath: path).send("READY=1"))
        #expect(!ServiceNotice(socketPath: nil).send("READY=1"))
    }

    @Test func theFileIsThereJustAsLong() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "ready").path
        // An earlier process was killed.
        try Data("1\n".utf8).write(to: URL(filePath: file))
        let mark = ReadyMark(file: file, notice: ServiceNotice(socketPath: nil))
        #expect(!FileManager.default.fileExists(atPath: file))
        try mark.set()
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "\(getpid())\n")
        mark.clear()
        #expect(!FileManager.default.fileExists(atPath: file))
        let nowhere = ReadyMark(file: folder.appending(path: "none/ready").path, notice: ServiceNotice(socketPath: nil))
        #expect(throws: (any Error).self) { try nowhere.set() }
    }
}
