import CAVFormat
import Glibc

/// libav's log: kept off stderr, while the first error line of each thread waits for the error it explains.
///
/// "Invalid data found when processing input" says little; the line libav logged just before ("moov atom not found")
/// says what is wrong. libav logs from the calling thread here, because every codec is opened with one thread.
enum LibraryLog {
    private static let bytesMax = 512

    /// Holds each thread's pending line as a C string of `bytesMax` bytes; the thread's end frees it.
    private static let lineKey: pthread_key_t = {
        var key = pthread_key_t()
        precondition(pthread_key_create(&key, { free($0) }) == 0, "no thread-specific key left")
        return key
    }()

    private static let installation: Void = av_log_set_callback { source, level, format, arguments in
        if let arguments { LibraryLog.receive(source, level, format, arguments) }
    }

    /// To be called before the first libav call that may log; later calls cost nothing.
    static func install() { installation }

    /// The thread's pending line, which is forgotten.
    static func take() -> String? {
        guard let line = pthread_getspecific(lineKey)?.assumingMemoryBound(to: CChar.self), line[0] != 0 else {
            return nil
        }
        defer { line[0] = 0 }
        return String(cString: line)
    }

    /// Forgets the pending line: what was logged during a call that succeeded explains nothing later.
    static func clear() {
        pthread_getspecific(lineKey)?.assumingMemoryBound(to: CChar.self)[0] = 0
    }

    private static func receive(
        _ source: UnsafeMutableRawPointer?, _ level: Int32, _ format: UnsafePointer<CChar>?,
        _ arguments: CVaListPointer
    ) {
        guard level <= AV_LOG_ERROR, let line = lineOfThisThread(), line[0] == 0 else { return }
        // 0: no "[mov,mp4 @ 0x…]" in front, whose address would differ between two runs.
        var wantsPrefix: Int32 = 0
        av_log_format_line2(source, level, format, arguments, line, Int32(bytesMax), &wantsPrefix)
        var end = strlen(line)
        while end > 0, isspace(Int32(line[end - 1])) != 0 { end -= 1 }
        line[end] = 0
    }

    private static func lineOfThisThread() -> UnsafeMutablePointer<CChar>? {
        if let line = pthread_getspecific(lineKey) { return line.assumingMemoryBound(to: CChar.self) }
        guard let line = calloc(1, bytesMax) else { return nil }
        guard pthread_setspecific(lineKey, line) == 0 else {
            free(line)
            return nil
        }
        return line.assumingMemoryBound(to: CChar.self)
    }
}
