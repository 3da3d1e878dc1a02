import Farm
import Foundation
import Ledger
import Telemetry
import ThreadExecutor

/// The ledger on a thread of its own: a commit waits for the disk and holds up nobody.
actor LedgerKeeper {
    private let ledger: Ledger
    private let meters: FarmMeters
    private let executor = ThreadExecutor(name: "ledger")

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(_ ledger: Ledger, meters: FarmMeters) { (self.ledger, self.meters) = (ledger, meters) }

    /// All of it or nothing, durably.
    func commit(_ changes: [FarmChange], _ submissions: [Submission]) throws(LedgerError) {
        let start = ContinuousClock.now
        defer { meters.ledgerCommit.record(since: start) }
        try ledger.commit(changes, submissions: submissions, at: Date().timeIntervalSince1970)
    }

    func nextStoryID() throws(LedgerError) -> StoryID { try ledger.nextStoryID() }

    func story(token: String) throws(LedgerError) -> StoryID? { try ledger.story(token: token) }

    func script(of story: StoryID) throws(LedgerError) -> String? { try ledger.script(of: story) }

    func summaries(
        states: Set<StoryState>?, of submitter: Submitter?, titled text: String? = nil, before: StoryID?, limit: Int
    ) throws(LedgerError) -> [StorySummary] {
        try ledger.summaries(states: states, of: submitter, titled: text, before: before, limit: limit)
    }

    func close() { try? ledger.close() }
}
