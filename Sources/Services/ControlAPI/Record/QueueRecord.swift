import Control

/// The queue's past in rings of growing distance: fine for the last half hour, coarse for a day.
///
/// A coarser ring keeps samples, not means: what it shows was so at that time.
struct QueueRecord {
    struct Ring {
        let interval: Duration
        let capacity: Int
        private(set) var samples: [QueueHistory.Sample] = []

        var span: Duration { interval * capacity }

        init(every interval: Duration, for span: Duration) {
            (self.interval, capacity) = (interval, Int(span / interval))
        }

        /// Takes a sample unless the last one is nearer than the ring's distance.
        mutating func take(_ sample: QueueHistory.Sample) {
            // Half a tick of tolerance: a timer that fires a moment early must not cost every other sample.
            if let last = samples.last, sample.time - last.time < interval / .seconds(1) - 2.5 { return }
            samples.append(sample)
            // A block at once: to move all of them for each new one would cost more than the sample.
            if samples.count >= capacity + capacity / 8 { samples.removeFirst(samples.count - capacity) }
        }
    }

    static let interval = Duration.seconds(5)
    private(set) var rings = [
        Ring(every: interval, for: .seconds(1_800)), Ring(every: .seconds(30), for: .seconds(6 * 3_600)),
        Ring(every: .seconds(120), for: .seconds(24 * 3_600)),
    ]
    static let longest = 86_400

    mutating func take(_ sample: QueueHistory.Sample) {
        for index in rings.indices { rings[index].take(sample) }
    }

    /// The last seconds, as fine as they are remembered.
    func history(seconds: Int, before now: Double) -> QueueHistory {
        guard let ring = rings.first(where: { $0.span >= .seconds(seconds) }) ?? rings.last else {
            return QueueHistory(intervalSeconds: 0, samples: [])
        }
        let samples = ring.samples.drop { $0.time < now - Double(seconds) }
        return QueueHistory(intervalSeconds: ring.interval / .seconds(1), samples: Array(samples))
    }
}
