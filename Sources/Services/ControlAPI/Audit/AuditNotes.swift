import Foundation
public import Logging

/// Writes into an audit log what other services refuse.
public struct AuditNotes: Sendable {
    private let log: AuditLog

    /// - Parameter file: as in ``ControlConfiguration/auditFile``.
    public init(file: String, logger: Logger) { log = AuditLog(path: file, logger: logger) }

    /// An agent was refused its node; many of them a second are counted, not written.
    ///
    /// - Parameter key: its public key.
    public func refused(node: String, key: String?, reason: String) {
        log.write(AuditEntry(time: Date(), refusedNode: node, key: key, reason: reason))
    }

    /// A token was given or taken back, not by HTTP.
    ///
    /// - Parameters:
    ///   - account: who did it, as the coordinator's machine calls them.
    ///   - wish: what became of the token, as "revoked".
    public func changed(token name: String, by account: String, wish: String) {
        log.write(AuditEntry(time: Date(), account: account, token: name, wish: wish))
    }
}
