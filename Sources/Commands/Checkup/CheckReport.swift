public import Console
import Foundation

/// All that a doctor looked at.
public struct CheckReport: Codable, Equatable, Sendable {
    public let checks: [Check]

    public init(_ checks: [Check]) { self.checks = checks }

    /// The worst of all.
    public var verdict: Check.Verdict {
        Check.Verdict.allCases.last { verdict in checks.contains { $0.verdict == verdict } } ?? .ok
    }

    // MARK: Showing

    /// A line for each check, and one below for what to do.
    public func lines(_ paint: Paint) -> [String] {
        let width = checks.map(\.name.count).max() ?? 0
        return checks.flatMap { check in
            let name = check.name + String(repeating: " ", count: width - check.name.count)
            let verdict = check.verdict.rawValue + String(repeating: " ", count: 4 - check.verdict.rawValue.count)
            let line = "\(paint(verdict, Self.colour(check.verdict)))  \(name)  \(check.finding)"
            return [line] + (check.remedy.map { [String(repeating: " ", count: 6 + width + 2) + "▸ \($0)"] } ?? [])
        }
    }

    private static func colour(_ verdict: Check.Verdict) -> Paint.Colour {
        switch verdict {
        case .ok: .green
        case .warn: .yellow
        case .fail: .red
        }
    }

    /// As `{"verdict": "ok", "checks": […]}`.
    public func json() throws -> String {
        struct Form: Encodable {
            let verdict: Check.Verdict
            let checks: [Check]
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(Form(verdict: verdict, checks: checks)), as: UTF8.self)
    }

    /// Prints it, and ends with status 1 where something does not work.
    public func conclude(asJSON: Bool) throws {
        if asJSON { print(try json()) } else { for line in lines(.output) { print(line) } }
        let failed = checks.filter { $0.verdict == .fail }.count
        guard failed == 0 else { throw ChecksFailed(count: failed) }
    }
}

/// What a doctor that found something ends with.
public struct ChecksFailed: Error, CustomStringConvertible {
    public let count: Int

    public var description: String { count == 1 ? "1 check has failed" : "\(count) checks have failed" }
}
