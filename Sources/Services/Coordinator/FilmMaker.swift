import Control
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
        ).write(to: order.isWhole ? whole(order.story, order.revision) : part(order.story, order.revision))
    }

    /// Removes what nobody sees any more once a film is known to be there.
    func removeFilms(before order: Order) {
        for number in 1..<order.revision {
            remove(part(order.story, number))
            // The film of an earlier revision was to be seen until this one is whole.
            if order.isWhole { remove(whole(order.story, number)) }
        }
        if order.isWhole { remove(part(order.story, order.revision)) }
    }

    /// What is to be seen of a story: until its film is whole, an earlier one that is.
    nonisolated func film(of story: StoryRecord) -> StoredVideo? {
        if let film = earlierFilm(of: story) { return film }
        guard story.assembled > 0 else { return nil }
        let isWhole = story.assembled == story.terms.segmentCount
        let places = [whole(story.id, story.revision), part(story.id, story.revision)]
        // A film may be whole before that is known: a coordinator that was killed could not say so.
        for place in isWhole ? [places[0]] : places.reversed() {
            let film = film(at: place, of: story.revision, story.assembled, isWhole: isWhole)
            if let film { return film }
        }
        return nil
    }

    /// The whole film of an earlier revision, which is seen until the new one is whole.
    nonisolated func earlierFilm(of story: StoryRecord) -> StoredVideo? {
        let count = story.terms.segmentCount
        guard story.assembled < count else { return nil }
        for number in stride(from: story.revision - 1, to: 0, by: -1) {
            if let film = film(at: whole(story.id, number), of: number, count, isWhole: true) { return film }
        }
        return nil
    }

    private nonisolated func film(
        at path: String, of revision: Int, _ segments: Int, isWhole: Bool
    ) -> StoredVideo? {
        guard let size = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int else { return nil }
        return StoredVideo(
            path: path, byteCount: size, version: "\(revision)-\(segments)-\(size)", segments: segments,
            isWholeStory: isWhole)
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
        for number in 1...max(1, revision) {
            remove(whole(story, number))
            remove(part(story, number))
        }
    }

    private func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

    private nonisolated func whole(_ story: StoryID, _ revision: Int) -> String {
        "\(folder)/\(story.rawValue)-\(revision).mp4"
    }

    /// Of a film that lacks segments.
    private nonisolated func part(_ story: StoryID, _ revision: Int) -> String {
        "\(folder)/\(story.rawValue)-\(revision)-part.mp4"
    }
}
