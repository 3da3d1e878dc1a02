// What one operator call costs through `Torch`, next to the same calls in C++ inside libCTorch.
//
// Method: at::add on tensors of one element, where the kernel's own work vanishes; rounds in turn, medians. The bar is
// 2 µs over the C++ call.

import CTorch
import Torch

let iterations = 200_000
let rounds = 7

func nanosecondsInCxx(_ a: OpaquePointer, _ b: OpaquePointer) -> Double {
    var nanoseconds = 0.0
    guard ctorch_measure_add(a, b, Int64(iterations), &nanoseconds) == CTORCH_OK else { return .nan }
    return nanoseconds / Double(iterations)
}

func nanosecondsInSwift(_ a: Tensor, _ b: Tensor) throws -> Double {
    let clock = ContinuousClock()
    let elapsed = try clock.measure {
        for _ in 0..<iterations { _ = try a + b }
    }
    return Double(elapsed.components.attoseconds) / 1e9 / Double(iterations)
        + Double(elapsed.components.seconds) * 1e9 / Double(iterations)
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

func one() -> OpaquePointer? {
    var handle: OpaquePointer?
    return ctorch_full(nil, 0, 1, CTORCH_FLOAT32, ctorch_device(kind: CTORCH_CPU, index: 0), &handle) == CTORCH_OK
        ? handle : nil
}

let runtime = try Runtime.start()
try Runtime.setThreadCount(1)
guard let left = one(), let right = one() else { preconditionFailure("two scalars fit into any memory") }
let (a, b) = (try Tensor.full([], 1), try Tensor.full([], 1))

var cxx: [Double] = []
var swift: [Double] = []
for round in 0...rounds {
    let pair = (nanosecondsInCxx(left, right), try nanosecondsInSwift(a, b))
    if round == 0 { continue }  // Warm-up.
    cxx.append(pair.0)
    swift.append(pair.1)
}
func show(_ value: Double) -> String { "\(Int(value.rounded())) ns" }
print("torch operator call, libtorch \(runtime.loadedVersion), \(rounds) rounds of \(iterations)")
print("  C++     median \(show(median(cxx)))   (\(show(cxx.min() ?? 0)) to \(show(cxx.max() ?? 0)))")
print("  Swift   median \(show(median(swift)))   (\(show(swift.min() ?? 0)) to \(show(swift.max() ?? 0)))")
print("  over    \(show(median(swift) - median(cxx)))   bar: under 2000 ns")
