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
    init(_ folder: ModelFolder, _ options: MochiModel.Options, needsCLIP: Bool) throws {
        if needsCLIP, folder.clip == nil { throw StorytellingError.needsCLIP("the story method") }
        mochi = try MochiModel(folder, options) { note("loading the \($0)") }
        guard needsCLIP, let path = folder.clip else {
            clip = nil
            return
        }
        note("loading CLIP")
        clip = try CLIP(folder: path, dtype: options.dtype, device: options.device)
    }
}

extension SegmentRecipe {
    /// Whether anything is compared in CLIP's space.
    func needsCLIP(afterAnother: Bool) -> Bool {
        if case .weighted = prompting { return true }
        return afterAnother && blending != nil && action != nil
    }

    /// Whether the strength of a blend depends on the prompts of the segment before.
    var comparesNeighbours: Bool {
        guard blending != nil, let action else { return false }
        return action.pairing == .across || action.gate == .scene
    }
}
