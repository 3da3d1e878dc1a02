import Glibc

/// What a run of the fuzzer takes from its command line.
struct FuzzArguments {
    private(set) var seed = UInt64.random(in: .min ... .max)
    private(set) var count = 10_000

    /// Ends the process with status 2 when the arguments are not understood.
    init(_ arguments: ArraySlice<String>) {
        var rest = arguments
        while let option = rest.popFirst() {
            switch (option, rest.popFirst()) {
            case ("--seed", let value?): seed = Self.number(value, of: option)
            case ("--count", let value?): count = Self.number(value, of: option)
            default: Self.refuse("usage: Fuzz [--seed N] [--count N]")
            }
        }
    }

    /// Ends the process: 0 without violations, 1 with any.
    static func finish(violations: Int) -> Never {
        print(violations == 0 ? "no violation" : "\(violations) VIOLATIONS")
        exit(violations == 0 ? 0 : 1)
    }

    private static func number<Number: FixedWidthInteger>(_ text: String, of option: String) -> Number {
        guard let number = Number(text), number >= 0 else { refuse("\(option): \(text) is no number") }
        return number
    }

    private static func refuse(_ reason: String) -> Never {
        let line = Array("Fuzz: \(reason)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
        exit(2)
    }
}
