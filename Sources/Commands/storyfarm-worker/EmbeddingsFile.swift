import Mochi
import Storytelling
import Torch

extension StoryPrompts<MochiModel> {
    /// Writes `prompt_embeds` where one text steers, else `scene_embeds` and `action_embeds`, `[1, L, D]`; each with
    /// its mask `[1, L]`.
    ///
    /// - Returns: what was written, a line for each text.
    func save(_ pair: PromptPair<String>, _ prompting: SegmentRecipe.Prompting, to path: String) throws -> [String] {
        let texts: [(String, String)] =
            switch prompting {
            case .sceneOnly: [("prompt", pair.scene)]
            case .actionOnly: [("prompt", pair.action)]
            case .joined: [("prompt", pair.joined)]
            case .weighted: [("scene", pair.scene), ("action", pair.action)]
            }
        var tensors: [String: Tensor] = [:]
        var lines: [String] = []
        for (name, text) in texts {
            let encoded = try encoded(text)
            let mask = (0..<encoded.embeddings.extent(1)).map { $0 < encoded.tokenCount }
            tensors["\(name)_embeds"] = encoded.embeddings
            tensors["\(name)_mask"] = try Tensor(mask, shape: [1, mask.count])
            lines.append("\(name)_embeds \(encoded.embeddings.shape), \(encoded.tokenCount) tokens")
        }
        try Tensor.save(tensors, to: path)
        return lines
    }
}
