import Foundation
import Glibc

/// What the workers of a slot write: a file, so that they can go on writing when their agent was killed, from which
/// the agent passes lines on.
struct WorkerLog {
    let path: String
    private var offset: UInt64
    private var rest: [UInt8] = []
    /// The last lines of the process at hand that are not empty, the oldest first.
    private var lastLines: [String] = []

    private static let tailLines = 10

    /// A file that has grown so large is begun again; what was in it has been passed on.
    static let bytesMax: UInt64 = 16 << 20
    /// A longer line is passed on in parts.
    private static let lineBytesMax = 8 << 10
    private static let readBytesMax = 1 << 20

    /// - Parameter path: what is in it already was passed on by another agent.
    init(_ path: String) {
        self.path = path
        let size = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? UInt64
        offset = size ?? 0
    }

    /// For the next process; the file of the one before is kept beside it.
    mutating func begin() throws -> FileHandle {
        (offset, rest, lastLines) = (0, [], [])
        rename(path, path + ".1")
        // To append: whoever begins the file again moves what is written next to its beginning.
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path])
        }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// The lines that have been written since.
    ///
    /// - Parameter isOver: whether nothing more comes, so that what is no whole line is one.
    mutating func lines(isOver: Bool = false) -> [String] {
        guard let file = FileHandle(forReadingAtPath: path) else { return [] }
        defer { try? file.close() }
        var lines: [String] = []
        while (try? file.seek(toOffset: offset)) != nil, let bytes = try? file.read(upToCount: Self.readBytesMax),
            !bytes.isEmpty
        {
            offset += UInt64(bytes.count)
            lines += split([UInt8](bytes))
        }
        if isOver, !rest.isEmpty { lines += split([UInt8(ascii: "\n")]) }
        if offset > Self.bytesMax, truncate(path, 0) == 0 { offset = 0 }
        lastLines = (lastLines + lines.filter { !$0.isEmpty }).suffix(Self.tailLines)
        return lines
    }

    /// What the last line says.
    var lastLine: String { WorkerLine.message(of: lastLines.last ?? "") }

    /// As many of the last lines as fit, and of the last one its beginning in any case.
    func tail(bytesMax: Int) -> String {
        var bytes = 0
        let fitting = lastLines.reversed().prefix { line in
            bytes += line.utf8.count + 1
            return bytes <= bytesMax
        }
        return fitting.isEmpty ? lastLines.last ?? "" : fitting.reversed().joined(separator: "\n")
    }

    private mutating func split(_ bytes: [UInt8]) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte != UInt8(ascii: "\n") { rest.append(byte) }
            guard byte == UInt8(ascii: "\n") || rest.count == Self.lineBytesMax else { continue }
            lines.append(String(decoding: rest, as: UTF8.self))
            rest.removeAll(keepingCapacity: true)
        }
        return lines
    }
}
