public import ArgumentParser
public import Logging
import Telemetry

/// What a service writes about itself.
public struct LogOptions: ParsableArguments, Sendable {
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

    /// What has a program that is started write its log in this format, unless it is told of another.
    ///
    /// - Parameter arguments: what it is told.
    public func handedOn(before arguments: [String]) -> [String] {
        let isTold = arguments.contains { $0 == "--log-format" || $0.hasPrefix("--log-format=") }
        return isTold || logFormat == .text ? arguments : ["--log-format", logFormat.rawValue] + arguments
    }

    /// Passes on what such a program wrote.
    ///
    /// - Parameters:
    ///   - object: the line, where it is one of a log in JSON; nil where it is another.
    ///   - text: the line for a person.
    public func pass(on object: String?, _ text: String) {
        if logFormat == .json, let object { StandardError.pass(object) } else { note(text) }
    }
}

/// How a service writes about itself.
public enum LogFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text
    case json
}
