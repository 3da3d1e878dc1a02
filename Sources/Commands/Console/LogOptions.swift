public import ArgumentParser
public import Logging
import Telemetry

/// What a service writes about itself.
public struct LogOptions: ParsableArguments {
    @Option(help: "What to write to standard error: trace, debug, info, notice, warning, error or critical.")
    var logLevel = "info"
    @Option(help: "How: text, or json for one object a line, with story, segment and attempt.")
    var logFormat = LogFormat.text

    public init() {}

    /// - Throws: `WrongInput` naming the option.
    public func logger(_ label: String) throws -> Logger {
        guard let level = Logger.Level(rawValue: logLevel) else {
            let names = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw WrongInput("--log-level is \(logLevel), expected one of \(names)")
        }
        var logger =
            switch logFormat {
            case .text: Logger(label: label) { StreamLogHandler.standardError(label: $0) }
            case .json: Logger(label: label) { JSONLogHandler(label: $0) }
            }
        logger.logLevel = level
        if logFormat == .json { StandardError.becomes(logger) }
        return logger
    }
}

/// How a service writes about itself.
public enum LogFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text
    case json
}
