import Glibc
import Logging
import Synchronization

/// What a program says beside its results, to a person, or to a machine that reads its log.
enum StandardError {
    /// Set where a machine reads: then everything that is said is a line of the log.
    private static let log = Mutex<Logger?>(nil)

    static func becomes(_ logger: Logger) { log.withLock { $0 = logger } }

    static func say(_ text: String, _ level: Logger.Level = .notice) {
        if let log = log.withLock({ $0 }) { return log.log(level: level, "\(text)") }
        pass(text)
    }

    /// A line as it is, whoever reads.
    static func pass(_ text: String) {
        let bytes = Array((text + "\n").utf8)
        // Nothing can be done about a terminal that is gone.
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}

/// A line for the person who watches, beside what a program writes to standard output.
public func note(_ text: String) { StandardError.say(text) }
