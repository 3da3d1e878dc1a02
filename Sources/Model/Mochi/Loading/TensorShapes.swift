import Safetensors

/// What a file without a configuration says about its model: the shapes of its tensors.
struct TensorShapes {
    private let file: SafetensorsFile

    init(of file: SafetensorsFile) { self.file = file }

    /// - Throws: `ModelFolderError` naming the tensor if it is missing or has another number of dimensions.
    subscript(key: String, rank rank: Int) -> [Int] {
        get throws(ModelFolderError) {
            guard let shape = file.header.entries[key]?.shape else {
                throw ModelFolderError(file: file.path, key: key, reason: "there is no such tensor")
            }
            guard shape.count == rank else {
                throw ModelFolderError(
                    file: file.path, key: key, reason: "expected \(rank) dimensions, found \(shape)")
            }
            return shape
        }
    }

    func has(_ key: String) -> Bool { file.header.entries[key] != nil }

    /// How many numbered children a module has: those of "blocks" are "blocks.0…", "blocks.1…".
    func childCount(of module: String) -> Int {
        let prefix = module + "."
        let numbers = file.header.entries.keys.compactMap { key -> Int? in
            guard key.hasPrefix(prefix) else { return nil }
            return Int(key.dropFirst(prefix.count).prefix { $0 != "." })
        }
        return (numbers.max() ?? -1) + 1
    }
}
