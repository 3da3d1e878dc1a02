public import ArgumentParser
public import Logging

/// What a service writes about itself.
public struct LogOptions: ParsableArguments {
    @Option(help: .setting(.logLevel), completion: .setting(.logLevel))
    var logLevel = Configuration.current.text(.logLevel)

    public init() {}

    /// - Throws: `WrongInput` naming the option.
    public func logger(_ label: String) throws -> Logger {
        try Setting.logLevel.check(logLevel)
        var logger = Logger(label: label) { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = Logger.Level(rawValue: logLevel) ?? .info
        return logger
    }
}
