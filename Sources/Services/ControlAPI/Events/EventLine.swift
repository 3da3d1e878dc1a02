import Control
import Foundation
import Hummingbird
import Synchronization

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

/// The lines that were written last, so that news are written once, however many listen.
final class EventLines: Sendable {
    private static let kept: UInt64 = 256
    private let lines = Mutex<[UInt64: (news: FarmNews, line: ByteBuffer)]>([:])

    func line(for news: FarmNews) -> ByteBuffer {
        let place = news.sequence % Self.kept
        if let known = lines.withLock({ $0[place] }), known.news == news { return known.line }
        let line = EventLine.event(news)
        lines.withLock { $0[place] = (news, line) }
        return line
    }
}
