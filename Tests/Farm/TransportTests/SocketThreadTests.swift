import Glibc
import Testing

@testable import Transport

/// Goal: an actor can live on the thread of its link, and outlive it; no call of a sleeping thread is lost.
struct SocketThreadTests {
    /// Answers every message with the same, on the link's own thread.
    private actor Echo {
        private let thread: SocketThread
        private let link: Link
        private(set) var threads: Set<pthread_t> = []

        nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

        init(_ link: Link, on thread: SocketThread) { (self.link, self.thread) = (link, thread) }

        func run() async {
            for await message in link.messages {
                threads.insert(pthread_self())
                link.post(message) { _ in }
            }
            threads.insert(pthread_self())
        }
    }

    @Test func anActorServesALinkOnItsThread() async throws {
        let loopback = try Loopback()
        let router = try loopback.router()
        let dealer = try loopback.dealer(to: router)
        let echo = Echo(router, on: loopback.listening)
        let serving = Task { await echo.run() }
        for number in 0..<500 {
            try await dealer.send("\(number)")
            let text = try await dealer.next().text
            try #require(text == "\(number)")
        }
        try await within { await router.close() }
        try await within { await serving.value }
        let threads = try await within { await echo.threads }
        #expect(threads.count == 1)
        try await loopback.close()
    }

    @Test func anActorOutlivesTheLinksOfItsThread() async throws {
        let loopback = try Loopback()
        let echo = Echo(try loopback.router(), on: loopback.listening)
        let serving = Task { await echo.run() }
        try await loopback.close()
        try await within { await serving.value }
        #expect(try await within { await echo.threads.count } == 1)
    }

    @Test func noCallIsLostBetweenAwakeAndAsleep() async throws {
        let (wakeup, told, heard, ended) = (try Wakeup(), Counter(), Counter(), Signal())
        let count = 1000
        try OwningThread.start(name: "sleeper") {
            var poller = Poller()
            while true {
                while heard.value < told.value { heard.increment() }
                if heard.value == count { break }
                guard wakeup.fallAsleep() else { continue }
                poller.removeAll()
                poller.add(wakeup.descriptor)
                try? poller.wait(nil)
                wakeup.wakeUp(isReady: poller.isReady(at: 0))
            }
            ended.set()
        }
        try OwningThread.start(name: "caller") {
            for number in 1...count {
                told.increment()
                wakeup.signal()
                // At every other one it may just be falling asleep.
                while number.isMultiple(of: 2), heard.value < number { sched_yield() }
            }
        }
        try await within { await ended.wait() }
    }
}
