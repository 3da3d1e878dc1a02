import Control
import Farm
import Foundation
import Ledger
import Logging
import Storage
import Telemetry

extension Dispatcher {
    // MARK: Stories that have ended

    /// Between two looks at how much room the disk has, and at stories whose time is over.
    private static let housekeepingInterval = Duration.seconds(60)
    /// The same, where everybody who found no room tries again.
    private static let fullDiskInterval = Duration.seconds(5)

    /// Prunes now and then, and when somebody found little room.
    func keepHouse() async {
        await withDiscardingTaskGroup { group in
            group.addTask { [housekeeping] in
                repeat { housekeeping.yield() } while (try? await Task.sleep(for: Self.housekeepingInterval)) != nil
            }
            group.addTask { await self.watchLag() }
            for await _ in housekeepings {
                let logged = await relay.usage()
                await measureDisk(boundaryBytes: logged.values.reduce(0, +))
                await prune(logged)
            }
            group.cancelAll()
        }
    }

    /// Something found no room.
    func makeRoom() {
        let now = clock.now
        guard madeRoom.map({ now - $0 >= Self.fullDiskInterval }) ?? true else { return }
        madeRoom = now
        housekeeping.yield()
    }

    private func prune(_ logged: [StoryID: Int]) async {
        do {
            let free = try await vault.freeBytes()
            let candidates = try await candidates(logged)
            let now = Date().timeIntervalSince1970
            for id in configuration.retention.stories(toPrune: candidates, freeBytes: free, now: now) {
                guard farm.stories[id]?.isAtRest == true, pruning.insert(id).inserted else { continue }
                board.publish(
                    .notice, story: id.rawValue,
                    "its boundaries are removed: it can be revised from its first segment only")
                logger.info("story pruned", metadata: .story(id).adding(["free": "\(free >> 20) MiB"]))
                tell(.pruned(id))
            }
        } catch {
            logger.error("nothing pruned", metadata: ["error": "\(error)"])
        }
    }

    private func candidates(_ logged: [StoryID: Int]) async throws -> [RetentionPolicy.Candidate] {
        let usage = await logged.merging(vault.usage(), uniquingKeysWith: +)
        var candidates: [RetentionPolicy.Candidate] = []
        for (id, byteCount) in usage where byteCount > 0 && farm.stories[id]?.isAtRest == true {
            let after = StoryID(rawValue: id.rawValue + 1)
            let summary = try await keeper.summaries(states: nil, of: nil, before: after, limit: 1).first
            guard let summary, summary.id == id, let ended = summary.ended else { continue }
            candidates.append(.init(story: id, ended: ended, byteCount: byteCount))
        }
        return candidates
    }

    /// The relay keeps nothing in mind of a story that has ended, unless it goes on by now.
    func rest(_ id: StoryID) async {
        guard let story = farm.stories[id], story.state.isTerminal else { return }
        await relay.rest(id, segments: story.touched.count)
        // Of one that failed, what is finished may have waited for more.
        filming.yield()
    }
}
