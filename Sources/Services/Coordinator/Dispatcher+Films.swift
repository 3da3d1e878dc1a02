import Control
import Farm
import Logging
import Media
import Script
import Telemetry

extension Dispatcher {
    // MARK: Films

    /// Has a film written beside everything else; of each story only the newest order is kept.
    func order(_ order: FilmOrder) {
        var newest = order
        if let index = filmOrders.firstIndex(where: { $0.story == order.story }) {
            let other = filmOrders.remove(at: index)
            if other.revision == order.revision {
                newest.segments = max(order.segments, other.segments)
                newest.delay = order.delay ?? other.delay
            }
        }
        filmOrders.append(newest)
        filming.yield()
    }

    /// Writes films, one after the other, until the farm stops: whatever is left then is ordered by its next start.
    func makeFilms() async {
        await withDiscardingTaskGroup { group in
            for await _ in filmings {
                while isServing {
                    // Only here, so that none is written again behind its removal.
                    if let gone = goneFilms.popLast() {
                        await films.forget(gone.story, revision: gone.revisions)
                    } else if let order = nextFilm() {
                        guard let problem = await make(order), let retry = await put(off: order, problem) else {
                            continue
                        }
                        group.addTask { [clock, filming] in
                            try? await ContinuousClock().sleep(until: clock.instant(of: retry))
                            filming.yield()
                        }
                    } else {
                        break
                    }
                }
            }
            group.cancelAll()
        }
    }

    private func nextFilm() -> FilmOrder? {
        filmOrders.removeAll { farm.stories[$0.story]?.revision != $0.revision }
        let now = clock.now
        let index = filmOrders.firstIndex { order in
            guard let record = farm.stories[order.story], order.isDue(for: record, at: now) else { return false }
            // What nobody would see need not be written.
            return order.segments == record.terms.segmentCount || films.earlierFilm(of: record) == nil
        }
        return index.map { filmOrders.remove(at: $0) }
    }

    /// - Returns: when it is tried again; nil where nobody wants it any more.
    private func put(off order: FilmOrder, _ problem: String) async -> Moment? {
        guard farm.stories[order.story]?.revision == order.revision else { return nil }
        // Who hears of it finds it in the story, unless the ledger fails, which is then said instead.
        guard (try? await decide(.unassembled(order.story, revision: order.revision, problem))) != nil else {
            return nil
        }
        if order.delay?.problem != problem {
            logger.error("film not written", metadata: .story(order.story).adding(["error": "\(problem)"]))
            board.publish(.notice, story: order.story.rawValue, "\(problem); it is tried again", cause: "film")
        }
        var again = order
        let retry = clock.now + configuration.filmPause
        again.delay = (problem, retry)
        self.order(again)
        return retry
    }

    /// - Returns: why it could not be written; nil where it was, or nobody wants it any more.
    private func make(_ order: FilmOrder) async -> String? {
        guard let record = farm.stories[order.story] else { return nil }
        guard let story = await story(order.story) else { return "the film can't be written: its script can't be read" }
        let wanted = (1...order.segments).map { number in
            (SegmentID(story: order.story, number: UInt32(number)), record.segment(number).video?.file)
        }
        // Every try would take what little room is left, which the ledger needs more.
        let byteCount = wanted.reduce(0) { $0 + ($1.1?.bytes ?? 0) }
        if let free = try? await vault.freeBytes(), free - configuration.ledgerBytes < byteCount {
            makeRoom()
            return "the film can't be written: it needs \(byteCount >> 20) MiB of disk"
        }
        var parts: [StoryAssembly.Segment] = []
        for (index, path) in await vault.locations(ofVideos: wanted).enumerated() {
            guard let path else { return "the film can't be written: the video of segment \(index + 1) is missing" }
            parts.append(.init(file: path, title: title(of: story.segments[index])))
        }
        let film = FilmMaker.Order(
            story: order.story, revision: order.revision, title: story.title, segments: parts,
            framesPerSegment: record.pin?.isSimulated == true ? nil : story.settings.video.frames,
            isWhole: order.segments == record.terms.segmentCount)
        do { try await films.make(film) } catch {
            let broken = parts.firstIndex { $0.file == error.file }
            let place = broken.map { "the video of segment \($0 + 1): " } ?? ""
            return "the film can't be written: \(place)\(error.reason)"
        }
        let assembled = FarmEvent.assembled(order.story, revision: order.revision, segments: order.segments)
        // What the ledger never hears of is written again by the next start.
        guard (try? await decide(assembled)) != nil else { return nil }
        board.publish(.film, story: order.story.rawValue, "\(order.segments) of \(record.terms.segmentCount) segments")
        await films.removeFilms(before: film)
        return nil
    }

    private func title(of segment: StorySegment) -> String {
        var title = ""
        for character in segment.action {
            guard title.utf8.count + character.utf8.count <= VideoChapter.titleBytesMax else { break }
            title.append(character)
        }
        return title
    }
}
