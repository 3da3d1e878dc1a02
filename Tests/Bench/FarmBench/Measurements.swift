import Farm
import Foundation
import Ledger

func report(_ what: String, _ figure: Double, _ unit: String, bar: String, holds: Bool) {
    let number = String(format: figure < 100 ? "%.2f" : "%.0f", figure)
    print("\(what): \(number) \(unit) (bar \(bar))\(holds ? "" : "  MISSED")")
}

/// What of this process lies in memory, in MB of 10^6 bytes.
func residentMegabytes() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return (line?.split { $0 == " " || $0 == "\t" }.dropFirst().first.flatMap { Int($0) } ?? 0) * 1024 / 1_000_000
}

/// Hands all stories in, a hundred to a commit.
func queue(_ stories: Int, of segments: Int, on farm: BenchFarm) throws {
    let prompt = #"{"scene": "a forest in deep snow, low sun", "action": "a fox runs towards the camera"}"#
    let script = "{\"segments\": [" + (0..<segments).map { _ in prompt }.joined(separator: ", ") + "]}"
    let time = try ContinuousClock().measure {
        for number in 1...stories {
            let terms = StoryTerms(
                submitter: Submitter(rawValue: "user \(number % 50)"), segmentCount: segments, steps: 64,
                handoff: .stream, firstBlend: 1, model: "mochi-1", segmentTime: .seconds(300))
            try farm.submit(terms, script: script)
            if number % 100 == 0 { try farm.commit() }
        }
        try farm.commit()
    }
    let seconds = time / .seconds(1)
    report("queued \(stories * segments) segments in", seconds, "s", bar: "<= 60", holds: seconds <= 60)
}

/// All workers join, and each gets a segment among a million: how long that takes, one by one.
func place(_ workers: Int, on farm: BenchFarm) throws {
    var times: [Duration] = []
    let clock = ContinuousClock()
    for number in 1...workers {
        times.append(clock.measure { farm.join(number) })
        if number % 500 == 0 { try farm.commit() }
    }
    try farm.commit()
    times.sort()
    func milliseconds(_ share: Double) -> Double { times[Int(Double(times.count - 1) * share)] / .milliseconds(1) }
    report("a worker joins and is placed, p50", milliseconds(0.5), "ms", bar: "p99 < 1", holds: true)
    report("a worker joins and is placed, p99", milliseconds(0.99), "ms", bar: "< 1", holds: milliseconds(0.99) < 1)
}

/// Leases, denoises and delivers segments, as many at once as there are workers.
func render(_ wanted: Int, on farm: BenchFarm) throws {
    let clock = ContinuousClock()
    var done = 0
    var times: [Duration] = []
    let commits = farm.commits
    let time = try clock.measure {
        while done < wanted {
            let grants = farm.takeGrants()
            guard !grants.isEmpty else { break }
            for (index, item) in grants.enumerated() {
                if item.grant.phase == .delivering { done += 1 }
                times.append(clock.measure { farm.finish(item.worker, item.grant) })
                if index % 500 == 499 { try farm.commit() }
            }
            try farm.commit()
        }
    }
    times.sort()
    let rate = Double(done) / (time / .seconds(1))
    report("durable segments", rate, "/s", bar: ">= 5,000", holds: rate >= 5000)
    let p99 = times[times.count * 99 / 100] / .milliseconds(1)
    report("a result and the next placement, p99", p99, "ms", bar: "< 1", holds: p99 < 1)
    print("\(done) segments in \(farm.commits - commits) commits; \(residentMegabytes()) MB resident")
}

/// Results arrive one by one at a steady rate; how long each worker that became idle waits for its next lease to be
/// durable, with the commits that go on meanwhile.
func lease(_ results: Int, perSecond rate: Int, on farm: BenchFarm) throws {
    let clock = ContinuousClock()
    let commits = GroupCommit(farm.ledger)
    var busy = farm.takeGrants()
    var next = 0
    let start = clock.now
    for number in 0..<results {
        busy += commits.takeDurable(at: start + .microseconds(number * 1_000_000 / rate))
        guard next < busy.count else { break }
        let arrival = clock.now
        farm.finish(busy[next].worker, busy[next].grant)
        next += 1
        commits.add(farm.takeDecided(), since: arrival)
    }
    let outcome = commits.end()
    if let error = outcome.error { throw error }
    farm.add(busy[next...])
    farm.add(commits.takeDurable())
    let times = outcome.times.sorted()
    guard let last = times.last else { return print("no worker became idle  MISSED") }
    func milliseconds(_ share: Double) -> Double { times[Int(Double(times.count - 1) * share)] / .milliseconds(1) }
    let what = "an idle worker has a durable lease, \(rate) results a second"
    report("\(what), p50", milliseconds(0.5), "ms", bar: "p99 < 20", holds: true)
    report("\(what), p99", milliseconds(0.99), "ms", bar: "< 20", holds: milliseconds(0.99) < 20)
    print("\(times.count) leases in \(outcome.commits) commits, the longest after \(Int(last / .milliseconds(1))) ms")
}

/// From the file on the disk to a farm that could take its first worker.
func restart(_ farm: BenchFarm, path: String) throws {
    let count = farm.machine.stories.count
    // As a log has them.
    var heads: [SegmentID: Int] = [:]
    for story in farm.machine.stories.values {
        for (index, record) in story.touched.enumerated() where record.head > 0 {
            heads[SegmentID(story: story.id, number: UInt32(index + 1))] = record.head
        }
    }
    farm.machine = FarmMachine(epoch: 0)
    try farm.ledger.close()
    var restored = 0
    let time = try ContinuousClock().measure {
        let ledger = try Ledger(path: path)
        let epoch = try ledger.raiseEpoch()
        let (stories, devices) = try ledger.restore()
        let machine = FarmMachine(epoch: epoch, restoring: stories, devices: devices, heads: heads, now: farm.now)
        restored = machine.stories.count
        try ledger.close()
    }
    guard restored == count else { return print("restored \(restored) stories of \(count)  MISSED") }
    let seconds = time / .seconds(1)
    report("restarted in", seconds, "s", bar: "<= 5", holds: seconds <= 5)
}
