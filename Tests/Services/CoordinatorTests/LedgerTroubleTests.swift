import Control
import Coordinator
import Farm
import Foundation
import GRDB
import Ledger
import Testing

/// Goal: neither what people ask for at once nor a ledger that fails holds the farm up in silence.
/// Method: a coordinator in this process over a folder of its own.
@Suite(.timeLimit(.minutes(5))) struct LedgerTroubleTests {
    /// Method: a revision reads the story's text while the story is cancelled and deleted, over and over.
    @Test func aRevisionOfAStoryThatIsBeingDeletedHoldsUpNobody() async throws {
        try await withFarm { farm in
            for _ in 1...40 {
                let id = try await farm.submit(OpenFarm.story(segments: 1))
                await withTaskGroup { group in
                    let commands: [StoryCommand] = [
                        .revise(segment: 1, scene: "a hill", action: nil, seed: nil), .cancel, .delete, .delete,
                    ]
                    for command in commands {
                        // Whichever comes too late or too early is refused.
                        group.addTask { try? await farm.control.command(command, on: id) }
                    }
                }
            }
            let last = try await farm.submit(OpenFarm.story(segments: 1))
            #expect(try await farm.control.story(last).overview.state == "queued")
        }
    }

    /// Method: pairs of revisions at once, of different segments; what was promised must be there in the end.
    @Test func noRevisionThatWasAcceptedIsLostToAnotherOne() async throws {
        try await withFarm { farm in
            for _ in 1...20 {
                let id = try await farm.submit(OpenFarm.story(segments: 2))
                let accepted = await withTaskGroup { group in
                    for number in 1...2 {
                        group.addTask { () -> Int? in
                            let command = StoryCommand.revise(
                                segment: number, scene: "another place \(number)", action: nil, seed: nil)
                            do { try await farm.control.command(command, on: id) } catch { return nil }
                            return number
                        }
                    }
                    return await group.reduce(into: []) { $0.append($1) }.compactMap { $0 }
                }
                #expect(!accepted.isEmpty)
                let story = try await farm.control.story(id)
                for number in accepted { #expect(story.segments[number - 1].scene == "another place \(number)") }
            }
        }
    }

    @Test func aLedgerThatRefusesForGoodEndsTheFarmAndWhoeverWaitsIsToldSo() async throws {
        try await withHome { home in
            try await home.open { farm in try await farm.submit(OpenFarm.story(segments: 1)) }
            let ledger = try DatabaseQueue(path: home.folder.path + "/ledger.sqlite")
            try await ledger.write { database in
                try database.execute(
                    sql: """
                        CREATE TRIGGER broken BEFORE INSERT ON story WHEN NEW.isPaused
                        BEGIN SELECT RAISE(ABORT, 'broken for a test'); END
                        """)
            }
            try ledger.close()
            let error = await #expect(throws: LedgerError.self) {
                try await home.open { farm in try await pause(farm) }
            }
            guard case .refused? = error else { Issue.record("\(error as Any)"); return }
        }
    }

    /// Method: a table that has given its last number is full as a disk is, for SQLite, and stays so.
    @Test func whileTheLedgerIsFullCommandsAreRefusedAndTheFarmCanStop() async throws {
        try await withHome { home in
            try await home.open { farm in for _ in 1...2 { try await farm.submit(OpenFarm.story(segments: 1)) } }
            let ledger = try DatabaseQueue(path: home.folder.path + "/ledger.sqlite")
            try await ledger.write { database in
                try database.execute(
                    sql: """
                        CREATE TABLE used (number INTEGER PRIMARY KEY AUTOINCREMENT);
                        INSERT INTO used VALUES (9223372036854775807);
                        CREATE TRIGGER brim BEFORE INSERT ON story WHEN NEW.isPaused
                        BEGIN INSERT INTO used (number) VALUES (NULL); END
                        """)
            }
            try ledger.close()
            let error = await #expect(throws: LedgerError.self) {
                try await home.open { farm in
                    async let paused = refusal(of: .pause, in: farm)
                    while await farm.coordinator.health().isReady { await Task.yield() }
                    let commands: [StoryCommand] = [.cancel, .pause, .prioritize(2), .delete]
                    for command in commands {
                        #expect(await refusal(of: command, on: 2, in: farm).contains("the disk is full"))
                    }
                    farm.coordinator.stop()
                    #expect(await paused.contains("the disk is full"))
                }
            }
            guard case .full? = error else { Issue.record("\(error as Any)"); return }
            // What was not decided has not happened.
            try await home.open { farm in
                for id: UInt64 in 1...2 {
                    let story = try await farm.control.story(id).overview
                    #expect(story.state == "queued" && !story.isPaused && story.priority == 0)
                }
            }
        }
    }

    private func pause(_ farm: OpenFarm) async throws {
        #expect(await refusal(of: .pause, in: farm).contains("broken for a test"))
    }

    /// Why a command is not taken now.
    private func refusal(of command: StoryCommand, on story: UInt64 = 1, in farm: OpenFarm) async -> String {
        let error = await #expect(throws: ControlError.self) { try await farm.control.command(command, on: story) }
        guard case .unavailable(let reason)? = error else { return "\(error as Any)" }
        return reason
    }
}
