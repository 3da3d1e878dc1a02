public import ArgumentParser
import Dispatch
import Foundation
import Glibc
import Logging
import Synchronization

/// What a program's exit status says; the same for all of StoryFarm's programs.
public enum CommandExit {
    /// The work was begun and failed.
    public static let failed: Int32 = 1
    /// The arguments or the files named in them are wrong; nothing was begun.
    public static let wrongInput: Int32 = 2
    /// No coordinator answers: what was asked for may or may not have begun.
    public static let notReached: Int32 = 3
    /// Ended by Ctrl-C.
    public static let interrupted: Int32 = 130
    /// Ended by SIGTERM, as service managers and batch systems do.
    public static let terminated: Int32 = 143
}

/// What was asked for can't be: said in one line, with a status of its own.
public struct WrongInput: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// No coordinator answers: said in one line, with a status of its own.
public struct NotReached: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

extension AsyncParsableCommand {
    /// Parses the arguments, runs the command and ends the process with a status of ``CommandExit``.
    ///
    /// Ctrl-C and SIGTERM cancel the command, which then removes what it had begun; another Ctrl-C ends it at once.
    /// Another SIGTERM changes nothing: batch systems and service managers tell every process of a job, and so does
    /// whoever started it; they have SIGKILL.
    ///
    /// - Parameter program: what environment and configuration file may say; nothing without it.
    public static func runToExit(_ program: ProgramSettings? = nil) async -> Never {
        let read = Result { () throws -> Configuration in
            guard let program else { return Configuration() }
            return try Configuration(
                program, file: ConfigurationOptions.file(in: Array(CommandLine.arguments.dropFirst())),
                environment: ProcessInfo.processInfo.environment)
        }
        let configuration = (try? read.get()) ?? Configuration()
        let status: Int32 = await Configuration.$current.withValue(configuration) {
            await run { _ = try read.get() }
        }
        Glibc.exit(status)
    }

    /// - Parameter check: what has to hold before a command runs; help is shown in any case.
    private static func run(after check: @escaping @Sendable () throws -> Void) async -> Int32 {
        let work = Task {
            var command = try await asyncParseAsRoot()
            if type(of: command)._commandName != "help" { try check() }
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        }
        let ending = Ending()
        let sources = [(SIGINT, CommandExit.interrupted), (SIGTERM, CommandExit.terminated)].map { number, status in
            catchSignal(number) {
                if ending.begin(with: status) {
                    if number == SIGINT { _exit(status) }
                    return
                }
                note(number == SIGINT ? "stopping; once more ends at once" : "stopping")
                work.cancel()
            }
        }
        let outcome = await work.result
        for source in sources { source.cancel() }  // Also keeps them: a source without references no longer fires.
        if let status = ending.status {
            // What went wrong on stopping must not vanish behind the signal.
            if case .failure(let error) = outcome, !(error is CancellationError) {
                StandardError.say("Error: \(message(for: error))", .error)
            }
            return status
        }
        return switch outcome {
        case .success: finish()
        case .failure(let error): report(error)
        }
    }

    private static func catchSignal(_ number: Int32, _ handler: @escaping @Sendable () -> Void)
        -> any DispatchSourceSignal
    {
        // A parent's thread may have had it blocked, as all of Dispatch's have, and a child inherits that.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, number)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        signal(number, SIG_IGN)  // Or the process would end before the source sees the signal.
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler(handler: handler)
        source.resume()
        return source
    }

    /// A result that could not be written to standard output is a failure.
    private static func finish() -> Int32 {
        guard fflush(nil) == 0 else {
            StandardError.say("Error: standard output: \(String(cString: strerror(errno)))", .error)
            return CommandExit.failed
        }
        return 0
    }

    /// Where arguments are wrong: what shows those that are not.
    private static func hint(for error: any Error) -> String {
        guard exitCode(for: error) == .validationFailure else { return "" }
        let lines = fullMessage(for: error).split(separator: "\n").map { $0.drop { $0 == " " } }
        // As "  See 'storyfarm list --help' for more information."
        guard let words = lines.last(where: { $0.hasPrefix("See '") })?.split(separator: "'"), words.count == 3 else {
            return ""
        }
        return "; see '\(words[1])'"
    }

    /// Help and versions go to standard output with status 0, everything else is one line on standard error: the usage
    /// of a command with thirty options would hide what is wrong.
    private static func report(_ error: any Error) -> Int32 {
        let code = exitCode(for: error)
        if code != .success {
            fflush(nil)  // What was said before stands before it.
            StandardError.say("Error: \(message(for: error))\(hint(for: error))", .error)
        } else if case let text = fullMessage(for: error), !text.isEmpty {
            let line = Array((text + "\n").utf8)
            // Nothing can be done about a terminal that is gone.
            _ = write(STDOUT_FILENO, line, line.count)
        }
        if error is WrongInput { return CommandExit.wrongInput }
        if error is NotReached { return CommandExit.notReached }
        return switch code {
        case .success: 0
        case .validationFailure: CommandExit.wrongInput
        default: code.rawValue == 0 ? CommandExit.failed : code.rawValue
        }
    }
}

/// The status that a signal asked for.
private final class Ending: Sendable {
    private let value = Atomic<Int32>(0)

    var status: Int32? {
        let status = value.load(ordering: .acquiring)
        return status == 0 ? nil : status
    }

    /// - Returns: whether the end had begun before.
    func begin(with status: Int32) -> Bool { value.exchange(status, ordering: .acquiringAndReleasing) != 0 }
}
