import Foundation
import Programs
import Testing

/// Goal: what a model folder holds is said rightly, for people and for programs.
@Suite struct ModelTests {
    @Test func theInventoryCountsEveryComponent() throws {
        try withFolder { folder in
            let outcome = try Program("storyfarm-worker", "model", ModelFixture.folder, "--json", in: folder).finish()
            #expect(outcome.status == 0, "\(outcome.errors)")
            let json = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
            let components = try #require(json?["components"] as? [[String: Any]])
            let names = components.compactMap { $0["name"] as? String }
            #expect(names == ["text encoder", "transformer", "VAE decoder", "VAE encoder", "CLIP"])
            #expect(components.allSatisfy { ($0["parameters"] as? Int ?? 0) > 1000 })
            // fp16 becomes fp32, bf16 stays.
            let bytes = components.compactMap { item -> Int? in
                guard let bytes = item["bytes"] as? Int, let count = item["parameters"] as? Int else { return nil }
                return bytes / count
            }
            #expect(bytes == [4, 4, 2, 2, 4])
            let table = try Program("storyfarm-worker", "model", ModelFixture.folder, in: folder).finish().output
            #expect(table.contains("prompts   up to 24 tokens"), "\(table)")
        }
    }

    @Test func thePublishedModelHasItsParameters() throws {
        try withFolder { folder in
            let outcome = try Program("storyfarm-worker", "model", "--published", in: folder).finish()
            for count in ["10,027,677,744", "4,762,310,656", "362,526,595", "97,222,016"] {
                #expect(outcome.output.contains(count), "\(outcome.output)")
            }
        }
    }

    @Test func oneOfBothIsNeeded() throws {
        try withFolder { folder in
            let outcome = try Program("storyfarm-worker", "model", in: folder).finish()
            #expect(outcome.status == 2)
            #expect(outcome.errors == "Error: expected a model's folder or --published\n")
        }
    }
}
