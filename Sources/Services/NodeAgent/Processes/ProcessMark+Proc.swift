import Farm
import Foundation
import Glibc

extension ProcessMark {
    /// A process as it is now; nil where there is none, or where it has ended and nobody has asked how.
    init?(of process: Int) {
        // "pid (name) state …": the name may hold anything, also blanks and brackets.
        guard let bytes = FileManager.default.contents(atPath: "/proc/\(process)/stat"),
            let end = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
        // The third field and the 22nd.
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X", let start = UInt64(fields[19]) else { return nil }
        self.init(process: process, startTime: start)
    }

    /// Whether it is still this process that has the number.
    var isAlive: Bool { ProcessMark(of: process) == self }

    /// Reaches this process or none, whoever has its number by now.
    func send(_ signal: Int32) {
        guard isAlive else { return }
        kill(pid_t(process), signal)
    }
}
