public import Safetensors
public import Torch

/// What a component of a model consists of.
public struct ComponentReport: Equatable, Sendable {
    /// "transformer".
    public let name: String
    public let parameterCount: Int
    /// Memory of the weights in the type that they were loaded in.
    public let byteCount: Int
    /// Names of the files that they come from, without folders.
    public let files: [String]
    /// How the files store them: "BF16", or several.
    public let storedTypes: [ElementType]

    /// - Parameter weights: of which the component took what it has.
    init(name: String, archive: SafetensorsArchive, weights: Weights) {
        self.name = name
        parameterCount = weights.parameterCount
        byteCount = weights.byteCount
        files = archive.files.map { String($0.path.split(separator: "/").last ?? "") }
        let types = archive.files.flatMap { $0.header.entries.values.map(\.elementType) }
        storedTypes = ElementType.allCases.filter(types.contains)
    }

    /// A component of a configuration alone, without files.
    public init(name: String, weights: Weights) {
        self.name = name
        (parameterCount, byteCount) = (weights.parameterCount, weights.byteCount)
        (files, storedTypes) = ([], [])
    }
}
