import CRivals
import Foundation
import Wire

/// Messages of one connection that libzmq holds, as for the farm's boundaries.
private let highWater: Int32 = 8

func runRival(_ role: Role) throws {
    listen { _ in }
    let status = try role.withKeys { keys in
        switch role.name {
        case .plainRelay: crivals_relay(keys, role.folder + "/log", highWater, sayBound)
        case .plainWriter:
            crivals_write(
                keys, role.endpoint, Int32(role.streams), Int32(role.steps), Payload.bytes, highWater,
                Double(role.intervalMs) / 1e3)
        case .plainGreeter: crivals_greet(keys, try Storm.offer.count, Storm.welcomeBytes, sayBound)
        default: readRival(role, keys)
        }
    }
    guard status == 0 else { throw BenchError("\(role.name): \(String(cString: strerror(status)))") }
}

private func readRival(_ role: Role, _ keys: UnsafePointer<crivals_keys>) -> Int32 {
    var seconds = 0.0
    var times = [Double](repeating: 0, count: role.intervalMs > 0 ? role.streams * role.steps : 0)
    let status = times.withUnsafeMutableBufferPointer { times in
        crivals_read(
            keys, role.endpoint, Int32(role.streams), Int32(role.steps), Payload.bytes, highWater,
            { say("ready") }, &seconds, times.isEmpty ? nil : times.baseAddress)
    }
    if status == 0 {
        if !times.isEmpty { say("times " + times.map { "\($0 * 1e3)" }.joined(separator: " ")) }
        say("seconds \(seconds)")
    }
    return status
}

private func sayBound(_ endpoint: UnsafePointer<CChar>?) {
    if let endpoint { say("bound \(String(cString: endpoint))") }
}

/// The messages of a storm.
enum Storm {
    /// About what a Welcome takes.
    static let welcomeBytes = 120

    static var offer: [UInt8] { get throws { try BenchWorker.offer.encoded() } }
}

/// Opens its share of the connections, once it is told to.
func runStormer(_ role: Role) throws {
    let hellos = try (0..<role.streams).map { try BenchWorker.hello(Secret.random(), number: 10_000 + $0).encoded() }
    let (offer, heartbeat) = (try Storm.offer, try BenchWorker.heartbeat([]).encoded())
    // Kept for as long as the process lives.
    let memory = hellos.map { bytes in
        let copy = UnsafeMutableRawPointer.allocate(byteCount: bytes.count, alignment: 1)
        bytes.withUnsafeBytes { copy.copyMemory(from: $0.baseAddress!, byteCount: bytes.count) }
        return UnsafeRawPointer?(copy)
    }
    say("ready")
    guard readLine() != nil else { return }
    listen { _ in }
    let status = try role.withKeys { keys in
        memory.withUnsafeBufferPointer { pointers in
            offer.withUnsafeBytes { offer in
                heartbeat.withUnsafeBytes { heartbeat in
                    role.endpoint.withCString { endpoint in
                        var storm = crivals_storm(
                            endpoint: endpoint, count: Int32(role.streams), hellos: pointers.baseAddress,
                            hello_bytes: hellos[0].count, offer: offer.baseAddress, offer_bytes: offer.count,
                            heartbeat: heartbeat.baseAddress, heartbeat_bytes: heartbeat.count)
                        return crivals_join(keys, &storm, { say("answered \($0)") })
                    }
                }
            }
        }
    }
    guard status == 0 else { throw BenchError("stormer: \(String(cString: strerror(status)))") }
}
