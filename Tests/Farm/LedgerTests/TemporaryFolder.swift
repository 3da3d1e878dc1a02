import Foundation

/// A folder of one test's files, removed with its owner.
final class TemporaryFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("LedgerTests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Every file with its bytes.
    func contents() throws -> [String: Data] {
        var contents: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: path) { contents[name] = try bytes(name) }
        return contents
    }

    func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: file(name))) }

    func write(_ bytes: Data, to name: String) throws { try bytes.write(to: URL(fileURLWithPath: file(name))) }

    /// What a crash at this moment would leave of a ledger, under another name.
    ///
    /// By another process: this one would release its locks on the file by closing it.
    func copyLedger(_ name: String, to other: String) throws {
        let copy = Process()
        copy.executableURL = URL(fileURLWithPath: "/bin/sh")
        let script = #"cp "$1" "$2"; [ ! -e "$1-wal" ] || cp "$1-wal" "$2-wal""#
        copy.arguments = ["-c", script, "", file(name), file(other)]
        try copy.run()
        copy.waitUntilExit()
        guard copy.terminationStatus == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
}
