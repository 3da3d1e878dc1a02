public import Control
import Foundation

/// Asks a farm over HTTP: the questions of `FarmControl`, as far as the coordinator is within reach.
///
/// Where it is and what lets one in are read again for every request, so that a client outlives a coordinator that
/// starts again with another port and token.
public struct FarmClient: Sendable {
    /// Where address and token come from.
    let source: Source

    enum Source: Sendable {
        case file(String)
        case known(FarmConnection)
    }

    /// - Parameter path: the `farm.json` that the coordinator writes.
    /// - Throws: ``FarmClientError/notReached(reason:)`` where no coordinator has left one.
    public init(contentsOf path: String) throws(FarmClientError) {
        source = .file(path)
        _ = try connection()
    }

    public init(_ connection: FarmConnection) { source = .known(connection) }

    func connection() throws(FarmClientError) -> FarmConnection {
        switch source {
        case .known(let connection): return connection
        case .file(let path):
            guard let bytes = FileManager.default.contents(atPath: path) else {
                let reason = FileManager.default.fileExists(atPath: path) ? "can't be read" : "is not there"
                throw .notReached(reason: "\(path) \(reason): is a coordinator running, and as whom?")
            }
            guard var connection = try? JSONDecoder().decode(FarmConnection.self, from: bytes) else {
                throw .notReached(reason: "\(path) is no connection file")
            }
            if let authority = connection.certificateAuthority {
                let folder = URL(filePath: path).deletingLastPathComponent()
                connection.certificateAuthority = URL(filePath: authority, relativeTo: folder).path
            }
            return connection
        }
    }
}

/// Why a question has no answer.
public enum FarmClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The coordinator's answer: it does not do that.
    case refused(ControlError)
    /// Nobody answers, or somebody who does not know the token.
    case notReached(reason: String)
    /// What answers does not speak as a coordinator does.
    case unintelligible(reason: String)
    /// A file of this machine can't be written.
    case file(path: String, reason: String)
    /// The asking task was cancelled.
    case cancelled

    public var description: String {
        switch self {
        case .refused(let error): "\(error)"
        case .notReached(let reason): "the coordinator is not reached: \(reason)"
        case .unintelligible(let reason): "the coordinator's answer is not understood: \(reason)"
        case .file(let path, let reason): "\(path): \(reason)"
        case .cancelled: "cancelled"
        }
    }
}
