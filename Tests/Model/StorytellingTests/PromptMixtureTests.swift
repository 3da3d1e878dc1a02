import Mochi
import Testing
import Torch

@testable import Storytelling

/// Goal: how near prompts are to a mixture steers the latents, so it is the same to the last bit on every machine of a
/// kind. Method: prompts as wide as those of the published model, where libtorch shares the work among its threads.
@Suite struct PromptMixtureTests {
    private func prompt(_ seed: UInt64, tokenCount: Int) throws -> EncodedPrompt {
        EncodedPrompt(embeddings: try Generator(seed: seed).normal([1, 64, 4096]), tokenCount: tokenCount)
    }

    @Test func productsDoNotDependOnTheNumberOfThreads() throws {
        let prompts = PromptPair(scene: try prompt(1, tokenCount: 64), action: try prompt(2, tokenCount: 40))
        let before = Runtime.threadCount
        defer { try? Runtime.setThreadCount(before) }
        try Runtime.setThreadCount(1)
        let alone = try PromptProducts(prompts)
        for count in [2, 3, 8] {
            try Runtime.setThreadCount(count)
            #expect(try PromptProducts(prompts) == alone, "\(count) threads")
        }
    }
}
