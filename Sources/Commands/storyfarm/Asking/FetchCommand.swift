import ArgumentParser
import Console
import Control
import FarmClient

/// Writes what is there of a story's video.
struct FetchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch", abstract: "Writes a story's MP4, as far as its segments are finished from the first on.",
        discussion: """
            The file is whole or not there: a download that is cut off leaves nothing behind.

              storyfarm fetch 7 -o corgi.mp4
              storyfarm fetch 7 --segment 2 -o second.mp4
            """)

    @Argument(help: "The story's number.", completion: .storyNumber)
    var id: UInt64
    @Option(name: .shortAndLong, help: "The MP4 to write.", completion: .video)
    var output: String
    @Option(help: "Only this segment.")
    var segment: Int?
    @OptionGroup(title: "Farm")
    var options: FarmOptions

    func run() async throws {
        try VideoOutput.check(output)
        try await StoryFetch(story: id, segment: segment, output: output, options: options).run()
    }
}

/// A download with its progress.
struct StoryFetch {
    let story: UInt64
    let segment: Int?
    let output: String
    let options: FarmOptions

    private struct Fetched: Encodable {
        let story: UInt64
        let segment: Int?
        let path: String
        let byteCount: Int
    }

    /// Shorter downloads are over before a bar says anything.
    private static let barBytes = 32 << 20
    private static let barUnit = 1 << 20

    func run() async throws {
        var bar: ProgressBar?
        let byteCount = try await options.ask { client in
            try await client.download(story, segment: segment, to: output) { done, total in
                guard let total, total >= Self.barBytes, !options.json else { return }
                if bar == nil { bar = ProgressBar(ProgressLine("MiB", total: total / Self.barUnit)) }
                bar?.show(done == total ? total / Self.barUnit : min(done, total - Self.barUnit) / Self.barUnit)
            }
        }
        try options.show(
            Fetched(story: story, segment: segment, path: output, byteCount: byteCount),
            ["\(output) has \(byteCount) bytes"])
    }
}
