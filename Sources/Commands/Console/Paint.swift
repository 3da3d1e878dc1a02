import Foundation
import Glibc

/// Colour for whoever reads on a terminal, and none in files, in pipes, or where NO_COLOR asks for none
/// (no-color.org).
public struct Paint: Equatable, Sendable {
    public enum Colour: Int, Sendable {
        case red = 31
        case green = 32
        case yellow = 33
        case blue = 34
    }

    public let isOn: Bool

    public init(isOn: Bool) { self.isOn = isOn }

    /// For standard output, as this process has it.
    public static let output = Paint(
        isOn: isWanted(isTerminal: isatty(STDOUT_FILENO) == 1, environment: ProcessInfo.processInfo.environment))

    static func isWanted(isTerminal: Bool, environment: [String: String]) -> Bool {
        isTerminal && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
    }

    public func callAsFunction(_ text: String, _ colour: Colour?) -> String {
        guard isOn, let colour, !text.isEmpty else { return text }
        return "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m"
    }
}
