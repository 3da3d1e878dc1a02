import Farm
import Foundation
import Ledger

func seconds(_ duration: Duration) -> String { String(format: "%.2f", duration / .seconds(1)) }

/// What of this process lies in memory, in MB of 10^6 bytes.
private func residentMegabytes() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return (line?.split { $0 == " " || $0 == "\t" }.dropFirst().first.flatMap { Int($0) } ?? 0) * 1024 / 1_000_000
}

private func fileMegabytes() -> String {
    func megabytes(_ path: String) -> Int {
        ((try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0) / 1_000_000
    }
    return "file \(megabytes(path)) MB + WAL \(megabytes(path + "-wal")) MB, resident \(residentMegabytes()) MB"
}

func submit(_ farm: SampleFarm, to ledger: Ledger, batch: Int) throws {
    let clock = ContinuousClock()
    var (commits, time) = (0, Duration.zero)
    for first in stride(from: 0, to: farm.stories, by: batch) {
        let indices = first..<min(first + batch, farm.stories)
        let submissions = indices.map {
            Submission(
                story: StoryID(rawValue: UInt64($0 + 1)), token: "token \($0)", title: "A fox's day",
                script: farm.script, time: 1e9)
        }
        let changes = indices.map { FarmChange.story(farm.story($0)) }
        time += try clock.measure { try ledger.commit(changes, submissions: submissions, at: 1e9) }
        commits += 1
    }
    let rate = Int(Double(farm.stories) / (time / .seconds(1)))
    print("submitted by \(batch): \(seconds(time)) s, \(commits) transactions, \(rate) stories/s; \(fileMegabytes())")
}

/// Renders stories, a thousand side by side, and ends each with its last segment.
func render(_ farm: inout SampleFarm, _ stories: Range<Int>, with ledger: Ledger, batch: Int) throws {
    let clock = ContinuousClock()
    var pending: [FarmChange] = []
    var (commits, time, slowest) = (0, Duration.zero, Duration.zero)
    func flush() throws {
        guard !pending.isEmpty else { return }
        let taken = try clock.measure { try ledger.commit(pending, at: 2e9) }
        (commits, time, slowest) = (commits + 1, time + taken, max(slowest, taken))
        pending.removeAll(keepingCapacity: true)
    }
    for first in stride(from: stories.lowerBound, to: stories.upperBound, by: 1000) {
        let group = first..<min(first + 1000, stories.upperBound)
        for number in 1...farm.segments {
            let changes = group.map {
                farm.changes(of: SegmentID(story: StoryID(rawValue: UInt64($0 + 1)), number: UInt32(number)))
            }
            for step in 0..<4 {
                for (index, story) in group.enumerated() {
                    pending.append(changes[index][step])
                    if number == 1, step == 0 { pending.append(.story(farm.story(story, .rendering))) }
                    if number == farm.segments, step == 3 { pending.append(.story(farm.story(story, .finished))) }
                    if pending.count >= batch { try flush() }
                }
            }
        }
    }
    try flush()
    let total = time / .seconds(1)
    let (rate, segments) = (Int(Double(commits) / total), Int(Double(stories.count * farm.segments) / total))
    print(
        "rendered by \(batch) changes: \(seconds(time)) s, \(commits) transactions, \(rate)/s, \(segments) segments/s, "
            + "slowest \(Int(slowest / .milliseconds(1))) ms; \(fileMegabytes())")
}

func restore(_ ledger: Ledger, _ what: String) throws {
    var counts = (stories: 0, segments: 0)
    var peak = 0
    let time = try ContinuousClock().measure {
        let restored = try ledger.restore().stories
        counts = (restored.count, restored.reduce(0) { $0 + $1.touched.count })
        withExtendedLifetime(restored) { peak = residentMegabytes() }
    }
    print(
        "restored \(what): \(seconds(time)) s, \(counts.stories) stories, \(counts.segments) segments, "
            + "\(peak) MB resident")
}

func list(_ ledger: Ledger) throws {
    let clock = ContinuousClock()
    let first = try clock.measure { _ = try ledger.summaries(limit: 50) }
    let rare = try clock.measure { _ = try ledger.summaries(states: [.failed], limit: 50) }
    let one = try clock.measure { _ = try ledger.summaries(of: Submitter(rawValue: "user 7"), limit: 50) }
    func milliseconds(_ time: Duration) -> String { String(format: "%.1f", time / .milliseconds(1)) }
    print(
        "listed 50 stories: \(milliseconds(first)) ms, none of a rare state: \(milliseconds(rare)) ms, "
            + "one submitter's: \(milliseconds(one)) ms")
}
