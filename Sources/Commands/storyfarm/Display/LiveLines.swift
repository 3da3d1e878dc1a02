import Glibc

/// Lines on a terminal that are drawn over and over in the same place.
struct LiveLines {
    /// Whether standard output is one.
    let isTerminal = isatty(STDOUT_FILENO) == 1
    private var drawn = 0

    /// Draws over what was drawn before; the cursor is left below.
    mutating func draw(_ display: StoryDisplay, at now: Duration) {
        let (columns, rows) = Self.size()
        let lines = display.lines(columns: columns, rows: rows - 1, at: now)
        let up = drawn > 0 ? "\u{1B}[\(drawn)A" : ""
        // Clears from here on: fewer lines than before leave nothing behind.
        print("\(up)\r\u{1B}[J" + lines.joined(separator: "\n"))
        fflush(nil)
        drawn = lines.count
    }

    private static func size() -> (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }
}
