// How fast the farm's memory is: 50,000 stories handed in, all their segments rendered, and the farm restored.
// `swift run -c release LedgerBench [folder] [stories] [segments]`: the folder should be on the disk to be measured.
import Farm
import Foundation
import Ledger

let arguments = CommandLine.arguments.dropFirst()
let folder = arguments.first ?? FileManager.default.temporaryDirectory.path
let stories = arguments.dropFirst().first.flatMap { Int($0) } ?? 50_000
let segments = arguments.dropFirst(2).first.flatMap { Int($0) } ?? 20
let path = "\(folder)/LedgerBench-\(getpid()).ledger"
defer { for suffix in ["", "-wal"] { unlink(path + suffix) } }

do {
    var farm = SampleFarm(stories: stories, segments: segments)
    print("\(stories) stories of \(segments) segments, scripts of \(farm.script.utf8.count) bytes, in \(folder)")
    let ledger = try Ledger(path: path)
    try submit(farm, to: ledger, batch: 100)
    try restore(ledger, "the submitted stories")
    // Half of the stories each; segments of a thousand stories are at work at any time.
    try render(&farm, 0..<(stories / 2), with: ledger, batch: 100)
    try render(&farm, (stories / 2)..<stories, with: ledger, batch: 500)
    try restore(ledger, "the finished stories")
    try list(ledger)
    let closing = try ContinuousClock().measure { try ledger.close() }
    let opening = try ContinuousClock().measure { try Ledger(path: path).close() }
    print("closing: \(seconds(closing)) s; opening, with the check of the whole file: \(seconds(opening)) s")
} catch {
    print("failed: \(error)")
}
