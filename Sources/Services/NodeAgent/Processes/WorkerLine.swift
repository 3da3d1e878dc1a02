import Foundation

/// A line that a worker wrote.
public struct WorkerLine: Sendable, Equatable {
    public let slot: Int
    public let text: String

    public init(slot: Int, text: String) { (self.slot, self.text) = (slot, text) }

    /// For a person, who sees those of all workers of a node.
    public var prefixed: String { "[worker \(slot)] \(text)" }

    /// Where the worker's log is one of JSON objects (`JSONLogHandler`): this one with its `slot`, the same line
    /// otherwise.
    public var object: String? {
        Self.members(of: text) == nil ? nil : "{\"slot\":\"\(slot)\"," + text.dropFirst()
    }

    /// What a line says, without what its log adds.
    static func message(of text: String) -> String { members(of: text)?["message"] as? String ?? text }

    private static func members(of text: String) -> [String: Any]? {
        guard text.hasPrefix("{") else { return nil }
        let members = (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any]
        return members?["message"] is String ? members : nil
    }
}
