import DurableFile
import Farm
import Foundation
import Media
import ThreadExecutor

/// Joins finished segments to the story's MP4, so that what is finished is playable at once.
///
/// On a thread of its own: a film is written anew with every segment that it grows by.
actor FilmMaker {
    struct Order: Sendable {
        let story: StoryID
        let revision: Int
        let title: String
        /// In story order, from the first on.
        let segments: [StoryAssembly.Segment]
        let framesPerSegment: Int?
        let isWhole: Bool
    }

    private let folder: String
    private let executor = ThreadExecutor(name: "film")

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(folder: String) throws(FileError) {
        self.folder = folder
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw FileError(path: folder, code: Int32((error as NSError).code))
        }
    }

    /// Writes a film; it is there durably then.
    ///
    /// - Throws: what could not be read or written, with its file.
    func make(_ order: Order) throws(MediaError) {
        try StoryAssembly(
            segments: order.segments, metadata: VideoMetadata(title: order.title),
            framesPerSegment: order.framesPerSegment
        ).write(to: path(order.story, order.revision))
        // The film of an earlier revision was to be seen until this one is whole.
        if order.isWhole { for old in 1..<order.revision { remove(path(order.story, old)) } }
    }

    /// The newest film of a story that is there.
    func film(of story: StoryID, revision: Int) -> (path: String, revision: Int, byteCount: Int)? {
        for number in stride(from: revision, to: 0, by: -1) {
            let path = path(story, number)
            let size = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
            if let size { return (path, number, size) }
        }
        return nil
    }

    /// Removes the films of stories that are gone, and what a killed coordinator was writing.
    func sweep(_ stories: [StoryRecord]) {
        let known = Set(stories.map { "\($0.id.rawValue)" })
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            guard let story = name.split(separator: "-").first else { continue }
            if !known.contains(String(story)) || name.hasSuffix(PartialFile.suffix) { remove("\(folder)/\(name)") }
        }
    }

    /// Of all films.
    func byteCount() -> Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.reduce(0) { sum, name in
            let facts = try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
            return sum + (facts?[.size] as? Int ?? 0)
        }
    }

    func forget(_ story: StoryID, revision: Int) {
        for number in 1...max(1, revision) { remove(path(story, number)) }
    }

    private func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

    private func path(_ story: StoryID, _ revision: Int) -> String { "\(folder)/\(story.rawValue)-\(revision).mp4" }
}
