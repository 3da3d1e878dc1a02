import DurableFile
import Foundation
import Script
import Wire

/// What the makers of models recommend, as their workers said; kept, so that a story is resolved alike while no worker
/// is there.
struct ModelCatalog {
    private let file: String
    /// The text of each model's `storyfarm.json`, by the model's name.
    private var recommendations: [String: String] = [:]
    private var isSaved = true

    init(file: String) {
        self.file = file
        guard let bytes = FileManager.default.contents(atPath: file) else { return }
        recommendations = (try? JSONDecoder().decode([String: String].self, from: bytes)) ?? [:]
    }

    /// - Returns: whether no worker ever offered it before.
    mutating func learn(_ model: Message.Model) -> Bool {
        let old = recommendations.updateValue(model.settings, forKey: model.name)
        isSaved = isSaved && old == model.settings
        return old == nil
    }

    /// Whatever is lost here is learned again from the next worker.
    mutating func save() {
        guard !isSaved, let bytes = try? JSONEncoder().encode(recommendations) else { return }
        isSaved = (try? PartialFile.write([UInt8](bytes), to: file)) != nil
    }

    func knows(_ model: String) -> Bool { recommendations[model] != nil }

    /// As its workers sent it; nil for a model that no worker ever offered.
    func recommendation(for model: String) -> String? { recommendations[model] }

    /// Nil for a model that no worker ever offered.
    func defaults(for model: String) throws(ScriptError) -> ScriptDefaults? {
        guard let text = recommendations[model] else { return nil }
        guard !text.isEmpty else { return .builtIn }
        return try ScriptDefaults(parsing: Array(text.utf8), file: "storyfarm.json of \(model)")
    }
}
