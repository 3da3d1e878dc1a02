/// The bounds of a story script, and of the file that says what a model recommends.
///
/// What the wire carries has limits of its own, which these stay within.
public enum ScriptLimits {
    /// Bytes of a script; a longer file is refused before it is read.
    public static let scriptBytes = 1 << 20
    /// Bytes of a resolved story as JSON: escapes can double what a script of ``scriptBytes`` says.
    public static let resolvedBytes = 4 << 20
    /// Lists and mappings inside each other; the format needs 3.
    public static let depth = 8
    /// Values of a script, counting lists and mappings.
    public static let values = 1 << 16
    /// Segments of one story.
    public static let segments = 10_000
    /// A scene or action prompt, in UTF-8.
    public static let promptBytes = 8 << 10
    /// `sampling.negative`, in UTF-8: it travels with the settings, not with the prompts.
    public static let negativeBytes = 4 << 10
    /// A title, in UTF-8.
    public static let titleBytes = 256
    /// The name of a model, in UTF-8.
    public static let modelBytes = 256

    // MARK: Values

    /// Pixels along one side.
    public static let side = 1...4096
    /// Frames of one segment.
    public static let frames = 1...1537
    /// Frames per second.
    public static let framesPerSecond = 1...120
    /// Denoising steps.
    public static let steps = 2...1000
    /// Classifier-free guidance; at most 1 is none.
    public static let guidance = 0.0...100.0
    /// The weights of `alignment`, `smoothness` and `prior`.
    public static let weight = 0.0...100.0
    /// The softmax of the prompts' scores.
    public static let temperature = 0.001...1000.0
    /// Steps after which previews are looked at again.
    public static let every = 1...1000
    /// `blending.gamma`; below its end with `strength: path`, whose exponent has no base there.
    public static let gamma = 0.0...0.5
    /// `blending.decay`: 0 counts the last latent frame only, 1 counts all alike.
    public static let decay = 0.0...1.0
    /// `blending.until`, a noise level.
    public static let sigma = 0.0...1.0
}
