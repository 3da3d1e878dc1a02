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

func report(_ comparison: Comparison, plain: Series, ours: Series, bytes: Int) {
    func line(_ name: String, _ series: Series) -> String {
        func megabytes(_ rate: Double) -> String { String(Int(rate * Double(bytes) / 1e6)) }
        let range = "\(megabytes(series.lowest))-\(megabytes(series.highest))"
        return "  \(name) \(megabytes(series.median)) MB/s (\(range)), \(Int(series.median)) messages/s"
    }
    let ratio = (ours.median / plain.median * 1000).rounded() / 1000
    let verdict = comparison.bar.map { "bar \($0): \(ratio >= $0 ? "met" : "MISSED")" } ?? "no bar"
    print("\(comparison.name): ratio \(ratio), \(verdict)")
    print(line("plain C  ", plain))
    print(line("Transport", ours))
}
