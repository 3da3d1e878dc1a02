import Glibc

/// Shows a ``ProgressLine`` on standard error: redrawn in place on a terminal, else a line for every tenth.
public struct ProgressBar {
    private let line: ProgressLine
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var shown: Int

    /// Columns without a terminal.
    private static let plainWidth = 100

    public init(_ line: ProgressLine) {
        self.line = line
        start = clock.now
        shown = line.before
        if isTerminal { draw(line.before) }
    }

    /// To be called whenever something is done, and at the end with all of it.
    public mutating func show(_ done: Int) {
        let isTenth = done * 10 / max(line.total, 1) > shown * 10 / max(line.total, 1)
        guard isTerminal || isTenth || done == line.total else { return }
        shown = done
        draw(done)
    }

    /// Leaves the line as it is, so that what is written next stands below it.
    public func close() {
        if isTerminal, shown < line.total { Self.write("\n") }
    }

    private func draw(_ done: Int) {
        let width = isTerminal ? Self.terminalWidth() : Self.plainWidth
        let text = line.text(done: done, elapsed: clock.now - start, width: width)
        Self.write(isTerminal ? "\r\u{1B}[K\(text)" + (done == line.total ? "\n" : "") : text + "\n")
    }

    private static func terminalWidth() -> Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col) - 1
    }

    private static func write(_ text: String) {
        let bytes = Array(text.utf8)
        // Progress is no result: a terminal that is gone ends nothing.
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }
}
