import CAVFormat

/// Frames per second as an exact fraction in lowest terms: 12, 30, 24000/1001.
public struct FrameRate: Hashable, Sendable, CustomStringConvertible {
    /// Frames per ``denominator`` seconds.
    public let numerator: Int
    /// In seconds; 1 but for broadcast rates.
    public let denominator: Int

    /// What both terms may be at most, so that the timestamps of any story fit libav's integers.
    public static let termMax = 1_000_000

    /// - Precondition: both terms are in 1…``termMax``.
    public init(_ numerator: Int, per denominator: Int = 1) {
        let terms = 1...FrameRate.termMax
        precondition(terms ~= numerator && terms ~= denominator, "a frame rate of \(numerator)/\(denominator)")
        var (divisor, rest) = (numerator, denominator)
        while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
        self.numerator = numerator / divisor
        self.denominator = denominator / divisor
    }

    /// The nearest rate within ``termMax``, which is the exact one for every video of constant rate; nil for none.
    init?(_ rational: AVRational) {
        var (numerator, denominator): (Int32, Int32) = (0, 0)
        av_reduce(&numerator, &denominator, Int64(rational.num), Int64(rational.den), Int64(FrameRate.termMax))
        guard numerator > 0, denominator > 0 else { return nil }
        self.init(Int(numerator), per: Int(denominator))
    }

    /// `12` or `24000/1001`.
    public var description: String { denominator == 1 ? "\(numerator)" : "\(numerator)/\(denominator)" }

    /// Seconds from the first frame to frame `index`.
    public func seconds(ofFrame index: Int) -> Double { Double(index) * Double(denominator) / Double(numerator) }

    var rational: AVRational { AVRational(num: Int32(numerator), den: Int32(denominator)) }

    /// Seconds per frame: the time base in which frame `k` lies at exactly `k`.
    var timeBase: AVRational { AVRational(num: Int32(denominator), den: Int32(numerator)) }

    /// Ticks per second of an MP4 track; a frame lasts a whole number of them.
    ///
    /// The rule is libavformat's own (double until 10,000). It is spelt out because the movie's timescale, in which
    /// chapters lie, must be the same; libavformat's default for that, 1,000, would round the borders to milliseconds.
    var timescale: Int {
        var ticks = numerator
        while ticks < 10_000 { ticks *= 2 }
        return ticks
    }
}
