import Control
import Foundation

/// Reads server-sent events out of bytes that come in pieces.
struct EventReader {
    private var line: [UInt8] = []
    private var data: [UInt8] = []

    /// A line holds one piece of news; a farm's are far shorter.
    static let lineBytes = 1 << 20

    /// - Returns: what is whole with these bytes; what can't be read is left out, since later versions may say more.
    /// - Throws: `unintelligible` where a line has no end.
    mutating func read(_ bytes: some Sequence<UInt8>) throws(FarmClientError) -> [FarmNews] {
        var news: [FarmNews] = []
        for byte in bytes {
            guard byte == 0x0A else {
                guard line.count < Self.lineBytes else { throw .unintelligible(reason: "an event without end") }
                line.append(byte)
                continue
            }
            if line.last == 0x0D { line.removeLast() }
            if line.isEmpty {
                if let one = try? JSONDecoder().decode(FarmNews.self, from: Data(data)) { news.append(one) }
                data = []
            } else if line.starts(with: Array("data:".utf8)) {
                data += line.dropFirst(5)
            }
            line = []
        }
        return news
    }
}
