import CLIP
import Farm
import Foundation
import Media
import Mochi
import Script
import Storytelling
import Torch

/// An engine's error in the farm's own classes: they decide whether and where a segment is tried again.
enum EngineFailure {
    static func judged(_ error: any Error) -> Failure {
        Failure(cause: cause(of: error), step: step(of: error), detail: "\(error)")
    }

    private static func cause(of error: any Error) -> FailureClass {
        switch error {
        case let error as ModelNotLoaded: cause(of: error)
        case let error as TorchError: cause(of: error)
        case MochiError.torch(let error): cause(of: error)
        case MochiError.weights(.torch(let error)): cause(of: error)
        case MochiError.notFinite: .nonFinite
        case is NotFinite: .nonFinite
        case is MochiError, is ModelFolderError, is VideoSizeError, is StorytellingError, is ScriptError,
            is LatentsFileError:
            .badInput
        case let error as CLIPError: error.isBadInput ? .badInput : .deviceFault
        case is Courier.Failure, is MediaError, is CocoaError: .inputOutput
        default: .inputOutput
        }
    }

    /// What is wrong with the files here says nothing of the story, nor of the files of other workers.
    private static func cause(of error: ModelNotLoaded) -> FailureClass {
        let cause = cause(of: error.reason)
        return cause == .badInput ? .inputOutput : cause
    }

    private static func cause(of error: TorchError) -> FailureClass {
        switch error.kind {
        case .outOfMemory: .outOfMemory
        case .deviceFault, .internal: .deviceFault
        case .invalidArgument, .unsupported, .incompatible: .badInput
        }
    }

    private static func step(of error: any Error) -> Int {
        if case MochiError.notFinite(let found) = error { return found.step ?? 0 }
        return (error as? NotFinite)?.step ?? 0
    }
}

/// A model that this worker was to render with can't be loaded here.
struct ModelNotLoaded: Error, CustomStringConvertible {
    let reason: any Error

    var description: String { "the model can't be loaded: \(reason)" }
}
