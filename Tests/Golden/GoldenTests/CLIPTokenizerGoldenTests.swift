import Foundation
import Testing

@testable import CLIP

/// Goal: texts become the ids that transformers gives them. Method: a small vocabulary and some hundred texts on which
/// tokenizers differ, under every way in which folders name the special tokens.
@Suite struct CLIPTokenizerGoldenTests {
    private struct Recording: Decodable {
        let texts: [String]
        let settings: [String: Settings]
        /// By settings, then by text: ids under truncation to 77, and how many there are without.
        let ids: [String: [[Int]]]
        let untruncated: [String: [Int]]
    }

    /// `tokenizer_config.json` as it was recorded.
    private struct Settings: Decodable {
        let json: [String: Value]

        enum Value: Codable {
            case text(String)
            case token([String: Value])
            case flag(Bool)

            init(from decoder: any Decoder) throws {
                let value = try decoder.singleValueContainer()
                if let text = try? value.decode(String.self) {
                    self = .text(text)
                } else if let flag = try? value.decode(Bool.self) {
                    self = .flag(flag)
                } else {
                    self = .token(try value.decode([String: Value].self))
                }
            }

            func encode(to encoder: any Encoder) throws {
                var container = encoder.singleValueContainer()
                switch self {
                case .text(let text): try container.encode(text)
                case .token(let values): try container.encode(values)
                case .flag(let flag): try container.encode(flag)
                }
            }
        }

        init(from decoder: any Decoder) throws { json = try .init(from: decoder) }
    }

    private let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    @Test(arguments: ["plain", "published", "exclamation"])
    func idsEqualTheReference(name: String) throws {
        let other = ProcessInfo.processInfo.environment["STORYFARM_GOLDEN"].map { URL(filePath: $0) }
        let recorded = (other ?? fixtures).appending(path: "clip-tokenizer")
        let recording = try JSONDecoder().decode(
            Recording.self, from: Data(contentsOf: recorded.appending(path: "ids.json")))
        #expect(recording.texts.count >= 200)
        let folder = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for file in ["vocab.json", "merges.txt"] {
            try FileManager.default.copyItem(at: recorded.appending(path: file), to: folder.appending(path: file))
        }
        let settings = try #require(recording.settings[name])
        try JSONEncoder().encode(settings.json).write(to: folder.appending(path: "tokenizer_config.json"))

        let tokenizer = try CLIPTokenizer(folder: folder.path)
        let expected = try #require(recording.ids[name])
        let untruncated = try #require(recording.untruncated[name])
        for (index, text) in recording.texts.enumerated() {
            let encoding = try tokenizer.encode(text)
            let wrong = zip(encoding.ids, expected[index]).filter { $0 != $1 }.count
            GoldenReport.add("clip.tokenizer ids off, of a string", measured: Double(wrong), allowed: 0)
            #expect(encoding.ids == expected[index], "\(text.debugDescription)")
            #expect(encoding.isTruncated == (untruncated[index] > 77), "\(text.debugDescription)")
            #expect(try tokenizer.encode(text, limit: 4_000).ids.count == untruncated[index])
        }
    }
}
