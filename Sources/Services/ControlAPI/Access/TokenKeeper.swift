import Foundation
import Logging
import Synchronization

/// The list of tokens as its file says it now: a token that was revoked is refused from the next request on.
///
/// Whoever asks has the file looked at (not read), so nothing has to be told to the service. A file that can't be
/// understood lets nobody in, since it may be one that was to keep somebody out.
final class TokenKeeper: Sendable {
    private struct Known {
        let digest: [UInt8]
        let caller: Caller
        let expires: Date
    }

    /// Changes with every write.
    private struct Version: Equatable {
        let inode: UInt
        let mode: UInt32
        let size: Int
        let seconds: Int
        let nanoseconds: Int

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            (inode, mode, size) = (UInt(status.st_ino), UInt32(status.st_mode), Int(status.st_size))
            (seconds, nanoseconds) = (status.st_ctim.tv_sec, status.st_ctim.tv_nsec)
        }
    }

    private struct State {
        var version: Version?
        var tokens: [Known] = []
        /// Those of them that were brought, by their digests: whoever listens is looked up over and over.
        var brought: [[UInt8]: Known] = [:]
    }

    private let path: String
    private let logger: Logger
    private let state = Mutex(State())

    init(path: String, logger: Logger) {
        (self.path, self.logger) = (path, logger)
    }

    /// Whose token this is; nil where it is unknown, revoked or out of date.
    func caller(of token: some StringProtocol, now: Date = Date()) -> Caller? {
        let digest = AccessToken.digest(of: token)
        return withCurrent { state in
            if let known = state.brought[digest], known.expires > now { return known.caller }
            let found = state.tokens.reduce(nil as Known?) { found, known in
                // All of them, whichever fits.
                AccessToken.areEqual(known.digest, digest) && known.expires > now ? known : found
            }
            state.brought[digest] = found
            return found?.caller
        }
    }

    /// Whether anybody could come in.
    func isEmpty(now: Date = Date()) -> Bool { withCurrent { state in !state.tokens.contains { $0.expires > now } } }

    private func withCurrent<Answer>(_ body: (inout State) -> Answer) -> Answer {
        let version = Version(path)
        return state.withLock { state in
            if state.version != version { state = State(version: version, tokens: version == nil ? [] : read()) }
            return body(&state)
        }
    }

    private func read() -> [Known] {
        do {
            let tokens = try TokenList(contentsOf: path).tokens
            logger.info("tokens read", metadata: ["file": "\(path)", "count": "\(tokens.count)"])
            return tokens.compactMap { entry in
                entry.bytes.map {
                    Known(
                        digest: $0, caller: Caller(subject: entry.subject, role: entry.role), expires: entry.expires)
                }
            }
        } catch {
            logger.error("tokens not read: nobody's is taken", metadata: ["error": "\(error)"])
            return []
        }
    }
}
