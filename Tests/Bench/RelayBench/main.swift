// What a coordinator bears, as processes over real sockets: `swift run -c release RelayBench MODE [streams] [rounds]`.
//
//     handoff    from a writer's having a boundary (305 KB, CURVE, one per stream every 50 ms at a phase of its own) to
//                its reader's having checked it, through coordinator and log; a process of writers, one of readers.
//                Beside it: plain libzmq with a file at the same pace, its messages neither checked nor acknowledged
//     relay      boundaries a second as fast as they go, against a plain libzmq relay that appends to a file, by turns
//     storm      8,000 control connections at once from four processes, against the same on a plain libzmq ROUTER
//     stalled    resident memory that a reader costs the coordinator which asks for everything and takes nothing
//
// The rest of the arguments are this program's own, which starts itself for each process.
import Foundation
import Glibc
import Transport

// As the farm's programs do.
Context.retainFreedMemory()
raiseDescriptorLimit()

let arguments = Array(CommandLine.arguments.dropFirst())
let numbers = arguments.dropFirst().compactMap { Int($0) }
do {
    switch arguments.first {
    case "handoff": try measureHandOff(streams: numbers.first.map { [$0] } ?? [1, 8, 64])
    case "relay": try measureRelay(streams: numbers.first ?? 8, rounds: numbers.dropFirst().first ?? 5)
    case "storm": try measureStorm(connections: numbers.first ?? 8000, rounds: numbers.dropFirst().first ?? 3)
    case "stalled": try measureStalled(readers: numbers.first ?? 8)
    case "role": try await play(Role(parsing: Array(arguments.dropFirst())))
    default:
        print("usage: RelayBench handoff|relay|storm|stalled [streams] [rounds]")
        exit(2)
    }
} catch {
    print("failed: \(error)")
    exit(1)
}
