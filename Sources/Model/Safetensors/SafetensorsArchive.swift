import CXXHash
import FoundationEssentials

/// The tensors of one model component: a single file, or shards listed by an index.
///
/// Published layout (huggingface): `NAME.safetensors`, or `NAME.safetensors.index.json` whose `weight_map` names the
/// shard of every key. Index and shards must agree in both directions.
public struct SafetensorsArchive: Sendable {
    /// The files in order of their names.
    public let files: [SafetensorsFile]
    private let owner: [String: Int]

    /// All keys, sorted.
    public var keys: [String] { owner.keys.sorted() }

    /// Opens `folder/name.safetensors`, or the shards of `folder/name.safetensors.index.json` where that exists.
    ///
    /// - Parameter variant: of a model that is stored in several precisions: with "bf16", the files are
    ///   `name.bf16.safetensors` or those of `name.safetensors.index.bf16.json`.
    /// - Throws: `SafetensorsError` naming the file, and the key where index and shard disagree.
    public init(folder: String, name: String, variant: String? = nil) throws(SafetensorsError) {
        let (file, index) = Self.paths(folder, name, variant)
        guard FileManager.default.fileExists(atPath: index) else {
            try self.init(file: SafetensorsFile(path: file))
            return
        }
        try self.init(index: MappedFile(path: index).readIndex(), folder: folder, indexPath: index)
    }

    /// Whether there is such an archive, sound or not.
    public static func exists(folder: String, name: String, variant: String? = nil) -> Bool {
        let (file, index) = paths(folder, name, variant)
        return FileManager.default.fileExists(atPath: index) || FileManager.default.fileExists(atPath: file)
    }

    /// Where diffusers puts them: the variant is part of a file's name, but comes last in an index'.
    private static func paths(_ folder: String, _ name: String, _ variant: String?) -> (file: String, index: String) {
        let part = variant.map { ".\($0)" } ?? ""
        return ("\(folder)/\(name)\(part).safetensors", "\(folder)/\(name).safetensors.index\(part).json")
    }

    /// An archive of one file.
    public init(file: SafetensorsFile) {
        files = [file]
        owner = file.header.entries.mapValues { _ in 0 }
    }

    private init(index: [String: String], folder: String, indexPath: String) throws(SafetensorsError) {
        let names = Set(index.values).sorted()
        guard names.count <= SafetensorsLimits.shards else {
            throw SafetensorsError(
                file: indexPath,
                reason: .overLimit("the number of shards", found: names.count, limit: SafetensorsLimits.shards))
        }
        var files: [SafetensorsFile] = []
        var owner: [String: Int] = [:]
        for (number, name) in names.enumerated() {
            try Self.requirePlainName(name, indexPath: indexPath)
            let file = try SafetensorsFile(path: "\(folder)/\(name)")
            for key in file.header.entries.keys {
                guard index[key] == name else {
                    let found = index[key].map { "it in \($0)" } ?? "it nowhere"
                    throw SafetensorsError(
                        file: file.path, key: key, reason: .mismatch(expected: "what the index lists", found: found))
                }
                owner[key] = number
            }
            files.append(file)
        }
        for (key, name) in index.sorted(by: { $0.key < $1.key }) where owner[key] == nil {
            throw SafetensorsError(file: "\(folder)/\(name)", key: key, reason: .missingKey)
        }
        self.files = files
        self.owner = owner
    }

    /// What tells these weights from others: XXH3 of every key, type, shape, and of the first and last bytes of each.
    ///
    /// Takes milliseconds for the largest model, as little of it is read; no protection against forgery.
    public var fingerprint: UInt64 {
        var sample: [UInt8] = []
        for key in keys {
            guard let number = owner[key], let entry = files[number].header.entries[key] else { continue }
            sample += Array("\(key)\u{0}\(entry.signature)\u{0}".utf8)
            let bytes = files[number].bytes(of: entry)
            sample += bytes.prefix(Self.sampleByteCount)
            sample += bytes.suffix(Self.sampleByteCount)
        }
        return sample.withUnsafeBytes { XXH3_64bits($0.baseAddress, $0.count) }
    }

    private static let sampleByteCount = 64

    /// The file that holds `key`.
    public func file(holding key: String) throws(SafetensorsError) -> SafetensorsFile {
        guard let number = owner[key] else {
            let place = files.map(\.path).joined(separator: ", ")
            throw SafetensorsError(file: place, key: key, reason: .missingKey)
        }
        return files[number]
    }

    /// A shard lies beside its index: a name with a folder in it could reach any file of the machine.
    static func requirePlainName(_ name: String, indexPath: String) throws(SafetensorsError) {
        let isPlain =
            name.hasSuffix(".safetensors") && name.utf8.count <= 255
            && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
        guard isPlain else {
            throw SafetensorsError(
                file: indexPath,
                reason: .mismatch(expected: "the plain name of a .safetensors file", found: String(name.prefix(80))))
        }
    }
}

extension MappedFile {
    fileprivate func readIndex() throws(SafetensorsError) -> [String: String] {
        try parseShardIndex(bytes, file: path)
    }
}

/// The `weight_map` of the JSON index of a sharded model: the shard's name for every key.
///
/// - Throws: `SafetensorsError`; a shard name is not judged here but where it is opened.
public func parseShardIndex(
    _ bytes: UnsafeRawBufferPointer, file: String
) throws(SafetensorsError) -> [String: String] {
    struct Index: Decodable {
        let weightMap: [String: String]
        enum CodingKeys: String, CodingKey { case weightMap = "weight_map" }
    }
    guard bytes.count <= SafetensorsLimits.indexByteCount else {
        throw SafetensorsError(
            file: file,
            reason: .overLimit("the index's length", found: bytes.count, limit: SafetensorsLimits.indexByteCount))
    }
    do {
        return try JSONDecoder().decode(Index.self, from: Data(bytes)).weightMap
    } catch {
        throw SafetensorsError(file: file, reason: .foreign("no index of shards (\(brief(error)))"))
    }
}
