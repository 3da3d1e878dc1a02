import Console
import DurableFile
import Foundation
public import Transport

/// A coordinator's folder, as far as programs of its machine know it: keys, and who may join.
///
/// ```
/// coordinator.key   the coordinator's own pair
/// coordinator.pub   its public half, for workers
/// worker.key        with which this machine's workers join
/// workers.allow     who else may
/// control.endpoint  where the coordinator listens, or did
/// farm.json         where people ask it while it runs, and this machine's token
/// tokens.json       the tokens of whoever asks from elsewhere
/// audit.log         who did what
/// ```
public struct FarmFolder: Sendable {
    public let path: String

    public init(_ path: String) { self.path = path }

    /// - Parameter farm: as people name a farm: a coordinator's folder, or the farm.json in it.
    public init(named farm: String) {
        self.init(farm.hasSuffix(".json") ? URL(fileURLWithPath: farm).deletingLastPathComponent().path : farm)
    }

    /// The file that says where a farm is asked, for the same names.
    public static func connectionFile(named farm: String) -> String {
        farm.hasSuffix(".json") ? farm : FarmFolder(farm).connectionFile
    }

    /// The pool of `worker.key`.
    public static let localName = "local"

    public var coordinatorKey: String { "\(path)/coordinator.key" }
    public var coordinatorPublicKey: String { "\(path)/coordinator.pub" }
    public var workerKey: String { "\(path)/worker.key" }
    public var allowListPath: String { "\(path)/workers.allow" }
    public var connectionFile: String { "\(path)/farm.json" }
    public var tokens: String { "\(path)/tokens.json" }
    public var auditLog: String { "\(path)/audit.log" }
    public var exists: Bool { FileManager.default.fileExists(atPath: path) }

    /// Makes folder and keys where they are missing.
    ///
    /// - Returns: the coordinator's pair.
    public func prepare() throws -> CurveKeyPair {
        try make()
        let pair = try Self.pair(coordinatorKey)
        _ = try Self.pair(workerKey)
        try writePublicKey(pair.publicKey)
        return pair
    }

    /// Makes the folder alone, where it is missing.
    public func make() throws {
        let isNew = !exists
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        guard isNew else { return }
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
        defer { close(descriptor) }
        try FileOwner.inherit(descriptor, at: path)
    }

    func writePublicKey(_ key: CurvePublicKey) throws {
        try PartialFile.write(Array("\(key.z85)\n".utf8), to: coordinatorPublicKey)
    }

    private static func pair(_ path: String) throws -> CurveKeyPair {
        if FileManager.default.fileExists(atPath: path) { return try CurveKeyPair(contentsOf: path) }
        let pair = try CurveKeyPair.generate()
        try pair.write(to: path)
        return pair
    }

    // MARK: Who may join

    /// An empty one where there is no file.
    ///
    /// - Throws: `WrongInput` naming the line.
    public func allowList() throws -> AllowListFile {
        guard let bytes = FileManager.default.contents(atPath: allowListPath) else {
            guard !FileManager.default.fileExists(atPath: allowListPath) else {
                throw WrongInput("\(allowListPath) can't be read")
            }
            return AllowListFile()
        }
        do throws(AllowListError) { return try AllowListFile(parsing: String(decoding: bytes, as: UTF8.self)) } catch {
            throw WrongInput("\(allowListPath):\(error.line): expected a key of 40 characters (Z85) and a name")
        }
    }

    /// A running coordinator takes it at once.
    public func write(_ list: AllowListFile) throws {
        try PartialFile.write(Array(list.text.utf8), to: allowListPath, mode: 0o600, inheritsOwner: true)
    }

    /// The pool of this machine, and whatever `workers.allow` names.
    public func admitted() throws -> [(key: CurvePublicKey, pool: String)] {
        [(key: try CurveKeyPair(contentsOf: workerKey).publicKey, pool: Self.localName)]
            + (try allowList().entries.map { (key: $0.key, pool: $0.name) })
    }

    // MARK: Where

    /// Nil where no coordinator has ever been here.
    public var controlEndpoint: String? {
        FileManager.default.contents(atPath: "\(path)/control.endpoint").map {
            String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }

    /// For whoever starts workers on this machine.
    public func write(controlEndpoint: String) throws {
        try PartialFile.write(Array("\(controlEndpoint)\n".utf8), to: "\(path)/control.endpoint")
    }
}
