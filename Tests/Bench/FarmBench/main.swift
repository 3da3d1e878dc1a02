// How much the farm's rules and its memory bear together: 10,000 workers, 50,000 stories of 20 segments, no sockets.
// `swift run -c release FarmBench [folder] [stories] [segments] [workers]`: the folder should be on the disk to be
// measured.
import Farm
import Foundation
import Ledger

let arguments = CommandLine.arguments.dropFirst()
let folder = arguments.first ?? FileManager.default.temporaryDirectory.path
let numbers = arguments.dropFirst().compactMap { Int($0) }
let stories = numbers.first ?? 50_000
let segments = numbers.dropFirst().first ?? 20
let workers = numbers.dropFirst(2).first ?? 10_000
let path = "\(folder)/FarmBench-\(getpid()).ledger"
defer { for suffix in ["", "-wal"] { unlink(path + suffix) } }

do {
    print("\(stories) stories of \(segments) segments, \(workers) workers, in \(folder)")
    let farm = try BenchFarm(path: path)
    try queue(stories, of: segments, on: farm)
    let memory = residentMegabytes()
    report("resident with all of them queued", Double(memory), "MB", bar: "< 1,073", holds: memory < 1_073)
    try place(workers, on: farm)
    try lease(20_000, perSecond: 1000, on: farm)
    try render(100_000, on: farm)
    try restart(farm, path: path)
} catch {
    print("failed: \(error)")
    exit(1)
}
