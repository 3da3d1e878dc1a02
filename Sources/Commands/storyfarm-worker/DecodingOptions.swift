import ArgumentParser
import Console
import Mochi

/// How latents become frames.
struct DecodingOptions: ParsableArguments {
    @Option(help: "How surplus frames are dropped on decoding: genmo (as trained) or diffusers.")
    var vaeForm: String?
    @Flag(help: "Decode in overlapping tiles: takes less memory, and is not exact.")
    var vaeTiles = false

    var tiling: TiledDecoderStream.Grid? { vaeTiles ? TiledDecoderStream.Grid() : nil }

    /// - Parameter recommended: by the model.
    func form(otherwise recommended: DecodeForm) throws -> DecodeForm {
        guard let vaeForm else { return recommended }
        guard let form = DecodeForm(rawValue: vaeForm) else {
            throw WrongInput("--vae-form is \(vaeForm), expected genmo or diffusers")
        }
        return form
    }
}
