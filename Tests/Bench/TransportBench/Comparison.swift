/// One row: a way between two sockets.
struct Comparison: Sendable {
    let name: String
    let endpoint: String
    let isEncrypted: Bool
    let messages: Int
    /// The ratio to reach; nil where passing pointers is compared with crossing two threads, for information.
    let bar: Double?
    /// Messages on either side of the connection, in either program.
    let highWater = 8
}

/// A run that lost or damaged messages: its rate means nothing.
struct DataLoss: Error {
    let received: Int
    let expected: Int
    let corrupt: Int
}

/// Messages per second over the rounds.
struct Series {
    let median: Double
    let lowest: Double
    let highest: Double

    init(_ values: [Double]) {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
        lowest = sorted.first ?? 0
        highest = sorted.last ?? 0
    }
}

/// The ratio is the median over pairs of neighbouring rounds: what slows the machine for a while slows both of a pair.
func report(_ comparison: Comparison, plain: [Double], ours: [Double], bytes: Int) {
    func line(_ name: String, _ series: Series) -> String {
        func megabytes(_ rate: Double) -> String { String(Int(rate * Double(bytes) / 1e6)) }
        let range = "\(megabytes(series.lowest))-\(megabytes(series.highest))"
        return "  \(name) \(megabytes(series.median)) MB/s (\(range)), \(Int(series.median)) messages/s"
    }
    let ratios = Series(zip(ours, plain).map { $0 / $1 })
    func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
    let ratio = rounded(ratios.median)
    let verdict = comparison.bar.map { "bar \($0): \(ratio >= $0 ? "met" : "MISSED")" } ?? "no bar"
    print("\(comparison.name): ratio \(ratio) (\(rounded(ratios.lowest))-\(rounded(ratios.highest))), \(verdict)")
    print(line("plain C  ", Series(plain)))
    print(line("Transport", Series(ours)))
}
