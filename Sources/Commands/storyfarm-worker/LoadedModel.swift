import CLIP
import Console
import Mochi
import Storytelling
import Torch

/// A model with its CLIP, where that is needed.
struct LoadedModel {
    let mochi: MochiModel
    let clip: CLIP?

    /// Says what it loads, since the largest models take minutes.
    ///
    /// - Parameter remedies: what a person gives to do without CLIP; none where it is not needed.
    /// - Throws: `WrongInput` where it is needed and missing, before anything is loaded.
    init(_ folder: ModelFolder, _ options: MochiModel.Options, withoutCLIP remedies: [String]) throws {
        if !remedies.isEmpty, folder.clip == nil {
            throw WrongInput(
                "\(folder.path) has no clip/: add one, or give \(remedies.joined(separator: " and "))")
        }
        mochi = try MochiModel(folder, options) { note("loading the \($0)") }
        guard !remedies.isEmpty, let path = folder.clip else {
            clip = nil
            return
        }
        note("loading CLIP")
        clip = try CLIP(folder: path, dtype: options.dtype, device: options.device)
    }
}

extension SegmentRecipe {
    /// The option that leaves out what is compared in CLIP's space; nil where nothing is.
    func withoutCLIP(afterAnother: Bool) -> String? {
        var techniques: [String] = []
        if case .weighted = prompting { techniques.append("weighting") }
        if afterAnother, blending != nil, action != nil { techniques.append("sar") }
        return techniques.isEmpty ? nil : "--without \(techniques.joined(separator: ","))"
    }

    /// Whether the strength of a blend depends on the prompts of the segment before.
    var comparesNeighbours: Bool {
        guard blending != nil, let action else { return false }
        return action.pairing == .across || action.gate == .scene
    }
}
