// How fast the whole way is (task, owning thread, TCP, owning thread, task) against libzmq called from two C threads:
// the same frames, the same sockets, the same limits, in turn within one run. `swift run -c release TransportBench`.
import Glibc
import Transport

// As the farm's programs do; it serves the C program as well.
Context.retainFreedMemory()

let rounds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 11
let payloads = Payloads(count: 16, bytes: 12 * 60 * 106 * 4)
let comparisons = [
    Comparison(name: "tcp, plain", endpoint: "tcp://127.0.0.1:*", isEncrypted: false, messages: 6000, bar: 0.8),
    Comparison(name: "tcp, CURVE", endpoint: "tcp://127.0.0.1:*", isEncrypted: true, messages: 3000, bar: 0.8),
    Comparison(name: "inproc", endpoint: "inproc://throughput", isEncrypted: false, messages: 60_000, bar: nil),
]

print(
    "\(payloads.bytes)-byte frames, DEALER to ROUTER, \(rounds) rounds each in turn; MB = 10^6 bytes; median (min-max)")
var isCorrupt = false
for comparison in comparisons {
    var plain: [Double] = []
    var ours: [Double] = []
    do {
        for _ in 0..<rounds {
            plain.append(try throughputOfC(comparison, payloads))
            ours.append(try await throughputOfTransport(comparison, payloads))
        }
    } catch {
        print("\(comparison.name): \(error)")
        isCorrupt = true
        continue
    }
    report(comparison, plain: plain, ours: ours, bytes: payloads.bytes)
}
exit(isCorrupt ? 1 : 0)
