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
        unblockInterrupt()
        let isInterrupted = Flag()
        signal(SIGINT, SIG_IGN)  // Or the process would end before the source sees the signal.
        let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler {
            if isInterrupted.set() { _exit(CommandExit.interrupted) }
            work.cancel()
        }
        source.resume()
        let outcome = await work.result
        source.cancel()  // Also keeps it: a source without references no longer fires.
        if isInterrupted.isSet { Glibc.exit(CommandExit.interrupted) }
        switch outcome {
        case .success: Glibc.exit(0)
        case .failure(let error): report(error)
        }
    }

    /// A parent's thread may have had it blocked, as all of Dispatch's have, and a child inherits that.
    private static func unblockInterrupt() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    /// Help and versions go to standard output with status 0, everything else is one message on standard error.
    private static func report(_ error: any Error) -> Never {
        let code = exitCode(for: error)
        let text = fullMessage(for: error)
        if !text.isEmpty {
            let line = Array((text + "\n").utf8)
            // Nothing can be done about a terminal that is gone.
            _ = write(code == .success ? STDOUT_FILENO : STDERR_FILENO, line, line.count)
        }
        switch code {
        case .success: Glibc.exit(0)
        case .validationFailure: Glibc.exit(CommandExit.wrongInput)
        default: Glibc.exit(code.rawValue == 0 ? CommandExit.failed : code.rawValue)
        }
    }
}

private final class Flag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .acquiring) }

    /// - Returns: whether it was set before.
    func set() -> Bool { value.exchange(true, ordering: .acquiringAndReleasing) }
}
