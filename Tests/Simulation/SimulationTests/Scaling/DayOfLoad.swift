import Foundation

/// Stories handed in over one day, as a studio of a dozen people would: drafts and finished takes by day, a season
/// before going home, little at night. Drawn once and kept, so that figures can be compared.
struct DayOfLoad {
    struct Story {
        /// Since midnight.
        let second: Int
        let segments: Int
        let secondsEach: Int
    }

    let stories: [Story]

    /// Or another day's, recorded elsewhere, which the environment's `DAY_OF_LOAD` names: seconds since midnight,
    /// segments, seconds that each takes.
    ///
    /// - Throws: where the file can't be read.
    init() throws {
        let named = ProcessInfo.processInfo.environment["DAY_OF_LOAD"].map { URL(filePath: $0) }
        let file =
            named ?? URL(filePath: #filePath).deletingLastPathComponent().appending(path: "day-of-load.csv")
        stories = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst().compactMap { line in
            let numbers = line.split(separator: ",").compactMap { Int($0) }
            guard numbers.count == 3 else { return nil }
            return Story(second: numbers[0], segments: numbers[1], secondsEach: numbers[2])
        }
    }

    var gpuSeconds: Int { stories.reduce(0) { $0 + $1.segments * $1.secondsEach } }
    var segments: Int { stories.reduce(0) { $0 + $1.segments } }
}
