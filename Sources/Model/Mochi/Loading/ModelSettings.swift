public import FoundationEssentials

/// What the networks need to know of a model beside its configurations: parts of the optional `storyfarm.json`.
///
/// Its other keys recommend how to render stories with the model and are read elsewhere.
public struct ModelSettings: Equatable, Sendable {
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
    let vae: VAE?
    let preview: Preview?
}
