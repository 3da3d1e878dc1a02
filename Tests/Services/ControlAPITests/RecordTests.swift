import Control
import FarmStandIn
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import ControlAPI

/// Goal: the farm's past can be looked at, within bounds. Method: records by hand, then the routes.
@Suite struct RecordTests {
    private func sample(_ time: Double) -> QueueHistory.Sample {
        QueueHistory.Sample(time: time, segments: ["ready": Int(time)], workers: [:], backlogSeconds: time)
    }

    @Test func aDayIsRememberedCoarselyAndTheLastHalfHourFinely() {
        var record = QueueRecord()
        let end = 100_000.0
        for time in stride(from: 0, through: end, by: 5) { record.take(sample(time)) }
        let recent = record.history(seconds: 1_800, before: end)
        #expect(recent.intervalSeconds == 5)
        #expect(recent.samples.first?.time == end - 1_800)
        #expect(recent.samples.last?.time == end)
        let day = record.history(seconds: 86_400, before: end)
        #expect(day.intervalSeconds == 120)
        #expect((715...721).contains(day.samples.count))
        #expect((day.samples.first?.time ?? 0) < end - 86_400 + 120)
        for ring in record.rings { #expect(ring.samples.count < ring.capacity * 9 / 8) }
    }

    /// A timer that fires a moment early or late must not cost every other sample.
    @Test func aTremblingTimerKeepsTheDistance() {
        var ring = QueueRecord.Ring(every: .seconds(30), for: .seconds(3_600))
        for tick in 0..<360 { ring.take(sample(Double(tick) * 5 + (tick.isMultiple(of: 2) ? 0.02 : -0.02))) }
        #expect(ring.samples.count == 60)
    }

    private func news(
        _ text: String, segment: Int, at time: Double, worker: String? = nil, story: UInt64 = 1
    ) -> FarmNews {
        FarmNews(sequence: 1, time: time, kind: .segment, story: story, segment: segment, worker: worker, text: text)
    }

    @Test func aSegmentsLeasesAreItsSpans() {
        var record = TimelineRecord()
        record.note(news("denoising", segment: 1, at: 10, worker: "a"), node: "n1")
        record.note(news("denoising", segment: 2, at: 11, worker: "b"), node: nil)
        record.note(news("ready: its worker was lost", segment: 1, at: 12), node: nil)
        record.note(news("denoising", segment: 1, at: 15, worker: "b"), node: nil)
        record.note(news("denoised", segment: 1, at: 20), node: nil)
        record.note(news("delivering", segment: 1, at: 21, worker: "b"), node: nil)
        record.note(news("finished", segment: 1, at: 22), node: nil)
        let spans = record.spans(of: 1)
        #expect(spans.map(\.segment) == [1, 2, 1, 1])
        #expect(spans.map(\.phase) == ["denoising", "denoising", "denoising", "delivering"])
        #expect(spans.map(\.ended) == [12, nil, 20, 22])
        #expect(spans.map(\.outcome) == ["ready", nil, "denoised", "finished"])
        #expect(spans.first?.node == "n1")
        #expect(record.worker(of: 1, in: 1)?.worker == "b")
    }

    @Test func storiesThatNothingWasHeardOfGoFirst() {
        var record = TimelineRecord(spansMax: 10, spansPerStory: 4)
        for story in UInt64(1)...3 {
            for segment in 1...4 {
                record.note(news("denoising", segment: segment, at: 1, worker: "a", story: story), node: nil)
            }
        }
        #expect(record.spans(of: 1).isEmpty)
        #expect(record.spans(of: 2).count == 4)
        record.note(news("denoising", segment: 5, at: 2, worker: "a", story: 3), node: nil)
        #expect(record.spans(of: 3).map(\.segment) == [2, 3, 4, 5])
    }

    @Test func failuresNameTheWorkerThatHeldTheSegment() async throws {
        let farm = FarmStandIn()
        let recorder = FarmRecorder(farm)
        await recorder.sample()
        await recorder.note(news("denoising", segment: 1, at: 1, worker: FarmStandIn.worker))
        await recorder.note(
            FarmNews(
                sequence: 7, time: 2, kind: .notice, story: 1, segment: 1, text: "failed (crash): it ended",
                cause: "crash"))
        await recorder.note(FarmNews(sequence: 8, time: 3, kind: .notice, text: "no failure"))
        let failure = try #require(recorder.failures(limit: 10).failures.first)
        #expect(failure.worker == FarmStandIn.worker)
        #expect(failure.node == "node7")
        #expect(failure.cause == "crash")
        #expect(recorder.failures(limit: 10).failures.count == 1)
        #expect(recorder.history(seconds: 60).samples.map(\.backlogSeconds) == [90])
    }

    @Test func theRoutesAnswerAndRefuse() async throws {
        try await AskedFarm.with { asked async throws in
            await asked.farm.put(FarmStandIn.detail(1))
            #expect(try await asked.ask(.get, "/v1/queue/history").form(QueueHistory.self).samples.isEmpty)
            #expect(try await asked.ask(.get, "/v1/stories/1/timeline").form(StoryTimeline.self).spans.isEmpty)
            #expect(try await asked.ask(.get, "/v1/failures").form(FailureList.self).failures.isEmpty)
            #expect(try await asked.ask(.get, "/v1/stories/2/timeline").problem().status == 404)
            for address in ["queue/history?seconds=0", "queue/history?seconds=86401", "queue/history?seconds=x"] {
                #expect(try await asked.ask(.get, "/v1/\(address)").problem().field == "seconds")
            }
            #expect(try await asked.ask(.get, "/v1/failures?limit=501").problem().field == "limit")
        }
    }

    /// As a service it hears what the farm says, and ends when the services end.
    @Test func itListensUntilItIsShutDown() async throws {
        try await withServedFarm { served in
            let running = Task { await served.api.recorder.run() }
            while await served.farm.listenerCount == 0 { await Task.yield() }
            await served.farm.put(FarmStandIn.detail(1))
            await served.farm.say(.segment, story: 1, segment: 1, "denoising")
            while served.api.recorder.timeline(of: 1).spans.isEmpty { await Task.yield() }
            running.cancel()
            await running.value
        }
    }
}
