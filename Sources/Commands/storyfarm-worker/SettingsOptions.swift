import ArgumentParser
import Console
import Script

/// What may be said beside a story script, or instead of one.
struct SettingsOptions: ParsableArguments {
    @Option(help: "Pixels; a multiple of 16 for Mochi-1.")
    var width: Int?
    @Option(help: "Pixels; a multiple of 16 for Mochi-1.")
    var height: Int?
    @Option(help: "Of one segment; 6k + 1 for Mochi-1.")
    var frames: Int?
    @Option(help: "Frames per second of the video.")
    var fps: Int?
    @Option(help: "Denoising steps, 2 to 1000.")
    var steps: Int?
    @Option(help: "Classifier-free guidance: a number, or one per step, separated by commas; at most 1 is none.")
    var guidance: String?
    @Option(help: "Of the initial noise, 0 to 18446744073709551615; 0 without it.")
    var seed: UInt64?
    @Option(help: "What guidance leads away from; empty for no prompt at all.")
    var negative: String?
    @Option(help: "Techniques to leave out, separated by commas: weighting, blending, sar.")
    var without: String?
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Say any value of a story script otherwise.", valueName: "key=value"))
    var overrides: [String] = []

    /// The options as overrides of a script, each with the option that it came from.
    private func named() throws -> [(option: String, override: String)] {
        var named: [(String, String)] = []
        func add(_ option: String, _ key: String, _ value: String?) {
            if let value { named.append(("--\(option)", "\(key)=\(value)")) }
        }
        add("width", "video.width", width.map(String.init))
        add("height", "video.height", height.map(String.init))
        add("frames", "video.frames", frames.map(String.init))
        add("fps", "video.fps", fps.map(String.init))
        add("steps", "sampling.steps", steps.map(String.init))
        add("guidance", "sampling.guidance", guidance.map { $0.contains(",") ? "[\($0)]" : $0 })
        add("seed", "sampling.seed", seed.map(String.init))
        if let negative { named.append(("--negative", ScriptDocument.override("sampling.negative", text: negative))) }
        for technique in without?.split(separator: ",", omittingEmptySubsequences: false) ?? [] {
            guard ["weighting", "blending", "sar"].contains(technique) else {
                throw WrongInput("--without is \(without ?? ""), expected weighting, blending, sar or some of them")
            }
            add("without", String(technique), "off")
        }
        return named
    }

    /// A script with these options laid over it, and with what the model recommends for the rest.
    ///
    /// - Parameter read: reads the script with overrides.
    /// - Throws: `WrongInput` naming the option, or the script's line.
    func resolved(
        with defaults: ScriptDefaults, _ read: ([String]) throws(ScriptError) -> ScriptDocument
    ) throws -> ResolvedStory {
        let named = try named()
        do throws(ScriptError) {
            return try read(named.map(\.override) + overrides).resolved(with: defaults)
        } catch {
            if case .override(let text)? = error.place, let option = named.first(where: { $0.override == text }) {
                throw WrongInput("\(option.option) \(error.reason)")
            }
            throw WrongInput(error.description)
        }
    }
}
