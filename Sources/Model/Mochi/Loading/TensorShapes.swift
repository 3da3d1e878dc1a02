import Safetensors

/// What a file without a configuration says about its model: the shapes of its tensors.
struct TensorShapes {
    private let file: SafetensorsFile

    init(of file: SafetensorsFile) { self.file = file }

    /// What no extent and no number of children comes near; a file may claim anything.
    private static let extentLimit = 1 << 20
    private static let childLimit = 1000

    /// - Throws: `ModelFolderError` naming the tensor if it is missing, has another number of dimensions, or extents
    ///   that no weight has.
    subscript(key: String, rank rank: Int) -> [Int] {
        get throws(ModelFolderError) {
            guard let shape = file.header.entries[key]?.shape else {
                throw ModelFolderError(file: file.path, key: key, reason: "there is no such tensor")
            }
            guard shape.count == rank else {
                throw ModelFolderError(
                    file: file.path, key: key, reason: "expected \(rank) dimensions, found \(shape)")
            }
            guard shape.allSatisfy((1...Self.extentLimit).contains) else {
                throw ModelFolderError(file: file.path, key: key, reason: "no weight is of the shape \(shape)")
            }
            return shape
        }
    }

    func has(_ key: String) -> Bool { file.header.entries[key] != nil }

    /// How many numbered children a module has without a gap: those of "blocks" are "blocks.0…", "blocks.1…".
    func childCount(of module: String) -> Int {
        let prefix = module + "."
        let numbers = Set(
            file.header.entries.keys.compactMap { key -> Int? in
                key.hasPrefix(prefix) ? Int(key.dropFirst(prefix.count).prefix { $0 != "." }) : nil
            })
        return (0..<Self.childLimit).first { !numbers.contains($0) } ?? Self.childLimit
    }
}
