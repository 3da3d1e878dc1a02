import Console

/// The colours of states: what goes well, what is under way, what waits for a person, and what went wrong.
enum StateColour {
    /// - Parameter text: of a story, a segment, a worker or a node, also with words behind it, as in "queued, paused".
    static func of(_ text: String) -> Paint.Colour? {
        if text.hasSuffix("paused") { return .yellow }
        return switch text.prefix(while: { $0 != "," && $0 != " " }) {
        case "finished", "connected", "idle": .green
        case "rendering", "assembling", "denoising", "denoised", "delivering": .blue
        case "cancelled", "draining", "disconnected": .yellow
        case "failed", "lost", "setAside": .red
        default: nil
        }
    }
}
