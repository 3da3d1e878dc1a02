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

    init(file: String) {
        self.file = file
        guard let bytes = FileManager.default.contents(atPath: file) else { return }
        recommendations = (try? JSONDecoder().decode([String: String].self, from: bytes)) ?? [:]
    }

    mutating func learn(_ model: Message.Model) {
        guard recommendations.updateValue(model.settings, forKey: model.name) != model.settings,
            let bytes = try? JSONEncoder().encode(recommendations)
        else { return }
        // Whatever is lost here is learned again from the next worker.
        try? PartialFile.write([UInt8](bytes), to: file)
    }

    /// Nil for a model that no worker ever offered.
    func defaults(for model: String) throws(ScriptError) -> ScriptDefaults? {
        guard let text = recommendations[model] else { return nil }
        guard !text.isEmpty else { return .builtIn }
        return try ScriptDefaults(parsing: Array(text.utf8), file: "storyfarm.json of \(model)")
    }
}
