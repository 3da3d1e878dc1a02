import Synchronization
import Transport
import Wire

/// What is on its way from the ``Relay`` to the ``Vault``, and how much of it each connection has sent.
///
/// A chunk is credited when it is written, so whoever keeps to its credit never has more lying here than some transfers
/// allow. Whoever does not would fill the memory while the vault waits for the disk.
final class VaultInbox: Sendable {
    let items: AsyncStream<Vault.Item>
    private let item: AsyncStream<Vault.Item>.Continuation
    /// Bytes that the vault has not dealt with yet.
    private let waiting = Mutex<[PeerID: Int]>([:])

    /// Of one connection: more transfers than a worker has at once, each with its credit and the chunk that may exceed
    /// it.
    static let bytesMax = 16 * (Vault.credit + WireLimits.chunkBytes)
    /// What a message takes beside its raw frames; about.
    private static let messageBytes = 1_024

    init() { (items, item) = AsyncStream.makeStream(of: Vault.Item.self) }

    /// - Returns: false where its connection has sent more than it may; then it is not taken.
    @discardableResult
    func put(_ new: Vault.Item) -> Bool {
        if case .message(_, let raw, _, let peer) = new {
            let hasRoom = waiting.withLock { waiting in
                let sum = waiting[peer, default: 0] + Self.byteCount(raw)
                guard sum <= Self.bytesMax else { return false }
                waiting[peer] = sum
                return true
            }
            guard hasRoom else { return false }
        }
        item.yield(new)
        return true
    }

    /// The vault has dealt with it.
    func settle(_ old: Vault.Item) {
        guard case .message(_, let raw, _, let peer) = old else { return }
        waiting.withLock { waiting in
            let rest = waiting[peer, default: 0] - Self.byteCount(raw)
            waiting[peer] = rest > 0 ? rest : nil
        }
    }

    func finish() { item.finish() }

    private static func byteCount(_ raw: [Frame]) -> Int { raw.reduce(messageBytes) { $0 + $1.count } }
}
