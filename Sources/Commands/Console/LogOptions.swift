public import ArgumentParser
public import Logging

/// What a service writes about itself.
public struct LogOptions: ParsableArguments {
    @Option(help: "What to write to standard error: trace, debug, info, notice, warning, error or critical.")
    var logLevel = "info"

    public init() {}

    /// - Throws: `WrongInput` naming the option.
    public func logger(_ label: String) throws -> Logger {
        guard let level = Logger.Level(rawValue: logLevel) else {
            let names = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw WrongInput("--log-level is \(logLevel), expected one of \(names)")
        }
        var logger = Logger(label: label) { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = level
        return logger
    }
}
