import Glibc

/// How many files and connections this process may have open.
enum OpenFileLimit {
    /// Of which connections of people may be half.
    private static let wanted: rlim_t = 65_536

    /// Raises it as far as a process may by itself: many systems begin with 1,024, less than a farm has listeners.
    ///
    /// - Returns: the limit that holds now.
    static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
        let target = min(wanted, limit.rlim_max)
        if limit.rlim_cur < target {
            var raised = limit
            raised.rlim_cur = target
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// How many of them may be boundary logs: one for each segment that is denoised, or each boundary would open one.
    static func boundaryLogs(of limit: Int) -> Int { min(max(limit / 4, 512), 16_384) }
}
