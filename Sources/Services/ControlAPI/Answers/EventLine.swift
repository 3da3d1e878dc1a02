import Control
import Foundation
import Hummingbird

/// News as a browser's `EventSource` reads them.
enum EventLine {
    /// Says that the stream is there; listeners skip it.
    static let comment = ByteBuffer(string: ":\n\n")

    static func event(_ news: FarmNews) -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // JSON has no line breaks of its own, so one `data` line holds it.
        guard let json = try? encoder.encode(news) else { return comment }
        var line = ByteBuffer(string: "id: \(news.sequence)\nevent: \(news.kind.rawValue)\ndata: ")
        line.writeBytes(json)
        line.writeString("\n\n")
        return line
    }
}
