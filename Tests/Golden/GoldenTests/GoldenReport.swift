import Foundation

/// Writes what was measured to the file that `STORYFARM_GOLDEN_REPORT` names, for `ops/parity/check.py` to show.
///
/// One line of tab-separated fields per comparison: what, measured, allowed.
enum GoldenReport {
    static func add(_ what: String, measured: Double, allowed: Double) {
        guard let path = ProcessInfo.processInfo.environment["STORYFARM_GOLDEN_REPORT"] else { return }
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return }
        let line = Array("\(what)\t\(measured)\t\(allowed)\n".utf8)
        // In one piece: tests run at the same time.
        _ = write(descriptor, line, line.count)
        close(descriptor)
    }
}
