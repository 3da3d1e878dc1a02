import Glibc
import Testing

@testable import ControlAPI

/// Goal: what is asked over HTTP is answered by one thread that yields to the farm's own.
@Suite struct ServingThreadTests {
    private struct Place: Hashable {
        let thread: UInt
        let niceness: Int32

        static var current: Place {
            Place(thread: UInt(pthread_self()), niceness: getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0))
        }
    }

    @Test func tasksStayOnTheThreadAcrossWhatTheyWaitFor() async throws {
        let usual = Place.current
        var places: Set<Place> = []
        try await ServingThread().run {
            places = await withTaskGroup(of: Place.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        await Task.yield()
                        return Place.current
                    }
                }
                return await group.reduce(into: []) { $0.insert($1) }
            }
        }
        #expect(places.count == 1)
        #expect(places.first?.thread != usual.thread)
        #expect(places.first?.niceness == min(19, usual.niceness + 5))
    }

    @Test func anErrorIsThrownFromIt() async {
        struct Refusal: Error {}
        let thread = ServingThread()
        await #expect(throws: Refusal.self) { try await thread.run { throw Refusal() } }
    }
}
