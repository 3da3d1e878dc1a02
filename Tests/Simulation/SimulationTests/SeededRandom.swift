/// Numbers that a seed decides alone; one of these per kind of fault, so that leaving a kind out does not move the
/// others.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64, _ purpose: String) {
        state = purpose.utf8.reduce(seed &* 0x9E37_79B9_7F4A_7C15 ^ 0xD1B5_4A32_D192_ED03) { mix($0, UInt64($1)) }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return mix(state, 0)
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.upperBound - range.lowerBound + 1))
    }

    mutating func chance(_ share: Double) -> Bool { Double(next() >> 11) / Double(1 << 53) < share }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[number(0...(elements.count - 1))] }

    /// Milliseconds, mostly short and sometimes ten times as long.
    mutating func delay(_ usual: Int) -> Duration {
        .milliseconds(chance(0.05) ? number(1...(usual * 10)) : number(1...usual))
    }
}

/// Two numbers to one that depends on every bit of both.
func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
    var x = a ^ (b &* 0xFF51_AFD7_ED55_8CCD)
    x = (x ^ (x >> 33)) &* 0xFF51_AFD7_ED55_8CCD
    x = (x ^ (x >> 33)) &* 0xC4CE_B9FE_1A85_EC53
    return x ^ (x >> 33)
}
