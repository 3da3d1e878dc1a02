/// What came of questions asked at a given pace.
struct Figures {
    /// Each from when it was due, in seconds: a farm that falls behind does not hide it.
    var times: [Double] = []
    var errors = 0
    /// Of this process, in seconds.
    var processorTime = 0.0
    var elapsed = 0.0
    var events = 0

    var json: String {
        let sorted = times.sorted()
        return "{\"answers\": \(times.count), \"errors\": \(errors), \"p50\": \(Self.at(0.5, of: sorted)), "
            + "\"p99\": \(Self.at(0.99, of: sorted)), \"longest\": \(sorted.last ?? 0), "
            + "\"cpu\": \(processorTime), \"elapsed\": \(elapsed), \"events\": \(events)}"
    }

    static func at(_ share: Double, of sorted: [Double]) -> Double {
        sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }
}
