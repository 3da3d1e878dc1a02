import Synchronization

/// How many streams of events each subject has open, at both addresses together.
final class StreamCount: Sendable {
    /// One that is counted as long as it is held.
    final class Stream: Sendable {
        private let count: StreamCount
        private let subject: String

        fileprivate init(_ count: StreamCount, of subject: String) { (self.count, self.subject) = (count, subject) }

        deinit { count.end(of: subject) }
    }

    let limit: Int
    private let open = Mutex<[String: Int]>([:])

    init(limit: Int) { self.limit = limit }

    /// - Returns: nil where the subject has as many as it may.
    func begin(for subject: String) -> Stream? {
        let isCounted = open.withLock { open in
            guard open[subject, default: 0] < limit else { return false }
            open[subject, default: 0] += 1
            return true
        }
        return isCounted ? Stream(self, of: subject) : nil
    }

    private func end(of subject: String) {
        open.withLock { open in
            let left = open[subject, default: 1] - 1
            open[subject] = left == 0 ? nil : left
        }
    }
}
