public import ArgumentParser
public import Logging
import Telemetry

/// What a service writes about itself.
public struct LogOptions: ParsableArguments {
    @Option(help: .setting(.logLevel), completion: .setting(.logLevel))
    var logLevel = Configuration.current.text(.logLevel)
    @Option(help: .setting(.logFormat))
    var logFormat = LogFormat(rawValue: Configuration.current.text(.logFormat)) ?? .text

    public init() {}

    /// - Throws: `WrongInput` naming the option.
    public func logger(_ label: String) throws -> Logger {
        try Setting.logLevel.check(logLevel)
        var logger =
            switch logFormat {
            case .text: Logger(label: label) { StreamLogHandler.standardError(label: $0) }
            case .json: Logger(label: label) { JSONLogHandler(label: $0) }
            }
        logger.logLevel = Logger.Level(rawValue: logLevel) ?? .info
        if logFormat == .json { StandardError.becomes(logger) }
        return logger
    }
}

/// How a service writes about itself.
public enum LogFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text
    case json
}
