public import FoundationEssentials

/// What a model's makers recommend for it: the optional `storyfarm.json` of its folder.
///
/// Anything it does not say is as for the published Mochi-1. Keys of parts that read it elsewhere may stand beside.
public struct ModelSettings: Equatable, Sendable {
    public var width = 848
    public var height = 480
    public var frames = 163
    public var framesPerSecond = 30
    public var steps = 64
    public var guidance = 4.5
    /// How the autoencoder was trained to treat surplus frames.
    public var form = DecodeForm.genmo
    /// Latents as colours.
    public var colours = LatentColours.published

    /// Those of the published Mochi-1.
    public init() {}

    /// - Throws: `ModelFolderError` naming file and key.
    public init(contentsOf file: String) throws(ModelFolderError) {
        try self.init(json: ModelFolderError.read(file), file: file)
    }

    /// - Parameter file: the name that errors carry.
    public init(json: Data, file: String) throws(ModelFolderError) {
        let fields: Fields
        do { fields = try JSONDecoder().decode(Fields.self, from: json) } catch {
            throw ModelFolderError(error, in: file)
        }
        func checked<Value: Comparable>(
            _ value: Value?, _ key: String, _ allowed: ClosedRange<Value>, otherwise: Value
        ) throws(ModelFolderError) -> Value {
            guard let value else { return otherwise }
            guard allowed.contains(value) else {
                throw ModelFolderError(file: file, key: key, reason: "is \(value), expected \(allowed)")
            }
            return value
        }
        let side = 1...VideoGeometry.sideLimit
        width = try checked(fields.video?.width?.value, "video.width", side, otherwise: width)
        height = try checked(fields.video?.height?.value, "video.height", side, otherwise: height)
        frames = try checked(
            fields.video?.frames?.value, "video.frames", 1...VideoGeometry.frameLimit, otherwise: frames)
        framesPerSecond = try checked(fields.video?.fps?.value, "video.fps", 1...120, otherwise: framesPerSecond)
        steps = try checked(fields.sampling?.steps?.value, "sampling.steps", 2...1000, otherwise: steps)
        guidance = try checked(fields.sampling?.guidance, "sampling.guidance", 0...100, otherwise: guidance)
        if let linear = fields.preview?.linear {
            guard linear.bias.count == 3, linear.factors.allSatisfy({ $0.count == 3 }) else {
                throw ModelFolderError(file: file, key: "preview.linear", reason: "is no matrix to three colours")
            }
            colours = LatentColours(factors: linear.factors, bias: linear.bias)
        }
        if let name = fields.vae?.form {
            guard let form = DecodeForm(rawValue: name) else {
                let names = DecodeForm.allCases.map(\.rawValue).joined(separator: " or ")
                throw ModelFolderError(file: file, key: "vae.form", reason: "is '\(name)', expected \(names)")
            }
            self.form = form
        }
    }
}

private struct Fields: Decodable {
    struct Video: Decodable {
        let width, height, frames, fps: WholeNumber?
    }
    struct Sampling: Decodable {
        let steps: WholeNumber?
        let guidance: Double?
    }
    struct Preview: Decodable {
        struct Linear: Decodable {
            let factors: [[Double]]
            let bias: [Double]
        }
        let linear: Linear?
    }
    struct VAE: Decodable {
        let form: String?
    }
    let video: Video?
    let sampling: Sampling?
    let vae: VAE?
    let preview: Preview?
}
