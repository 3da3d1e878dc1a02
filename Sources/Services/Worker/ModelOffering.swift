import Crypto
import DurableFile
import Farm
import Foundation
public import Mochi
public import Wire

/// A model folder that a worker offers to the farm under a name.
public struct ModelOffering: Sendable {
    public let folder: ModelFolder
    public let model: Message.Model

    /// Takes as long as reading the folder once, and no time at all when it was read before.
    ///
    /// - Parameters:
    ///   - path: its `storyfarm.json` may give the name, else the folder's own is taken.
    ///   - cache: a folder for digests of files by size and time.
    /// - Throws: `ModelFolderError` or `MochiError` naming what is missing.
    public init(_ path: String, cache: String) throws {
        folder = try ModelFolder(path)
        // A folder that is no model's is told at once, and not after all that lies in it was read.
        _ = try folder.fingerprint()
        let settings = folder.settingsFile.flatMap { FileManager.default.contents(atPath: $0) }
        let named = settings.flatMap { try? JSONDecoder().decode(Named.self, from: $0).name }
        var digests = FileDigests(cache: cache)
        let files = try Self.files(in: path)
        model = Message.Model(
            name: named ?? URL(fileURLWithPath: path).standardizedFileURL.lastPathComponent,
            digest: try digests.digest(of: files, in: path),
            settings: settings.map { String(decoding: $0, as: UTF8.self) } ?? "",
            weightBytes: try files.reduce(0) { try $0 + FileDigests.facts(of: "\(path)/\($1)").size })
        digests.save()
    }

    private struct Named: Decodable {
        let name: String?
    }

    /// Everything that a result may depend on, by its path inside the folder, in order.
    private static func files(in path: String) throws -> [String] {
        let kinds = ["safetensors", "json", "model", "txt"]
        return try FileManager.default.subpathsOfDirectory(atPath: path)
            .filter { name in kinds.contains { name.hasSuffix(".\($0)") } }.sorted()
    }
}

/// SHA-256 of files, remembered by path, size and time of change.
struct FileDigests {
    struct Facts: Codable, Equatable {
        let size: Int
        let modified: Double
        var digest = ""
    }

    private let file: String
    private var known: [String: Facts]
    private var isChanged = false

    init(cache: String) {
        file = cache + "/digests.json"
        try? FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: true)
        let content = FileManager.default.contents(atPath: file) ?? Data()
        known = (try? JSONDecoder().decode([String: Facts].self, from: content)) ?? [:]
    }

    static func facts(of path: String) throws -> Facts {
        let attributes = try FileManager.default.attributesOfItem(
            atPath: URL(fileURLWithPath: path).resolvingSymlinksInPath().path)
        return Facts(
            size: attributes[.size] as? Int ?? 0,
            modified: (attributes[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0)
    }

    /// Of names and contents of all files.
    mutating func digest(of files: [String], in folder: String) throws -> Farm.Digest {
        var whole = SHA256()
        for name in files {
            let path = "\(folder)/\(name)"
            whole.update(data: Array("\(name)\0\(try digest(of: path))\n".utf8))
        }
        guard let digest = Farm.Digest(Array(whole.finalize())) else { preconditionFailure("a short SHA-256") }
        return digest
    }

    private mutating func digest(of path: String) throws -> String {
        var facts = try Self.facts(of: path)
        let key = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        if let old = known[key], old.size == facts.size, old.modified == facts.modified { return old.digest }
        let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? handle.close() }
        var hash = SHA256()
        while let piece = try handle.read(upToCount: 4 << 20), !piece.isEmpty { hash.update(data: piece) }
        facts.digest = hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        known[key] = facts
        isChanged = true
        return facts.digest
    }

    /// Whatever is lost is computed again.
    func save() {
        guard isChanged, let content = try? JSONEncoder().encode(known) else { return }
        try? PartialFile.write([UInt8](content), to: file)
    }
}
