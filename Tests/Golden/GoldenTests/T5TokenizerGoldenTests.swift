import Foundation
import Mochi
import Testing

/// Goal: every text becomes the ids that transformers gives it, none off. Method: hard strings and drawn ones through a
/// small model that `ops/parity/t5_tokenizer.py` trained; its vocabulary is small, its normalisation T5's.
@Suite struct T5TokenizerGoldenTests {
    struct Recording: Decodable {
        struct Case: Decodable {
            let text: String
            let length: Int
            /// With `</s>`, without padding.
            let ids: [Int64]
            /// Number of ids if nothing is cut off.
            let whole: Int
        }
        let source: String
        let cases: [Case]
    }

    private var folder: String { Golden.folder + "/tokenizer" }

    @Test func everyStringHasTheReferencesIDs() throws {
        let json = try Data(contentsOf: URL(filePath: folder + "/ids.json"))
        let recording = try JSONDecoder().decode(Recording.self, from: json)
        #expect(recording.cases.count >= 200)
        let tokenizer = try T5Tokenizer(path: folder + "/spiece.model")
        for item in recording.cases {
            let tokens = try tokenizer(item.text, length: item.length)
            let scalars = item.text.unicodeScalars.prefix(40).map { String($0.value, radix: 16) }
            let padding = item.length - item.ids.count
            let wrong = zip(tokens.ids, item.ids).filter { $0 != $1 }.count
            GoldenReport.add("t5.tokenizer ids off, of a string", measured: Double(wrong), allowed: 0)
            #expect(tokens.ids == item.ids + [Int64](repeating: 0, count: padding), "\(item.text) \(scalars)")
            #expect(tokens.mask == (0..<item.length).map { $0 < item.ids.count }, "\(scalars)")
            #expect(tokens.untruncatedCount == item.whole, "\(scalars)")
            #expect(tokens.isTruncated == (item.whole > item.length))
        }
    }
}
