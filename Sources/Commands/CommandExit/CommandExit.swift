public import ArgumentParser
import Dispatch
import Glibc
import Synchronization

/// What a program's exit status says; the same for all of StoryFarm's programs.
public enum CommandExit {
    /// The work was begun and failed.
    public static let failed: Int32 = 1
    /// The arguments or the files named in them are wrong; nothing was begun.
    public static let wrongInput: Int32 = 2
    /// Ended by Ctrl-C.
    public static let interrupted: Int32 = 130
}

extension AsyncParsableCommand {
    /// Parses the arguments, runs the command and ends the process with a status of ``CommandExit``.
    ///
    /// Ctrl-C cancels the command, which then removes what it had begun; a second one ends the process at once.
    public static func runToExit() async -> Never {
        let work = Task {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        }
        let interruption = Interruption { work.cancel() }
        let outcome = await work.result
        if interruption.hasHappened { Glibc.exit(CommandExit.interrupted) }
        switch outcome {
        case .success: Glibc.exit(0)
        case .failure(let error): report(error)
        }
    }

    /// Help and versions go to standard output with status 0, everything else is one message on standard error.
    private static func report(_ error: any Error) -> Never {
        let code = exitCode(for: error)
        let text = fullMessage(for: error)
        if !text.isEmpty { fputs(text + "\n", code == .success ? stdout : stderr) }
        switch code {
        case .success: Glibc.exit(0)
        case .validationFailure: Glibc.exit(CommandExit.wrongInput)
        default: Glibc.exit(code.rawValue == 0 ? CommandExit.failed : code.rawValue)
        }
    }
}

/// Turns SIGINT into a call.
private final class Interruption: Sendable {
    private let happened = Atomic(false)
    private let source: any DispatchSourceSignal

    var hasHappened: Bool { happened.load(ordering: .acquiring) }

    init(_ cancel: @escaping @Sendable () -> Void) {
        signal(SIGINT, SIG_IGN)  // Or the process would end before the source sees the signal.
        source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler { [weak self] in
            if self?.happened.exchange(true, ordering: .acquiringAndReleasing) == true {
                _exit(CommandExit.interrupted)
            }
            cancel()
        }
        source.resume()
    }
}
