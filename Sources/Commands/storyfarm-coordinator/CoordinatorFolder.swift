import Console
import DurableFile
import Foundation
import Transport

/// Keys and endpoints in the farm's folder.
struct CoordinatorFolder {
    let path: String
    let keys: CurveKeyPair

    static var standard: String {
        let home = ProcessInfo.processInfo.environment["XDG_DATA_HOME"] ?? NSHomeDirectory() + "/.local/share"
        return home + "/storyfarm"
    }

    /// Makes folder and keys where they are missing.
    init(_ path: String) throws {
        self.path = path
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        keys = try Self.pair("\(path)/coordinator.key")
        _ = try Self.pair("\(path)/worker.key")
        try PartialFile.write(Array("\(keys.publicKey.z85)\n".utf8), to: "\(path)/coordinator.pub")
    }

    /// The pool of this machine, and whatever `workers.allow` names.
    func admitted() throws -> [(key: CurvePublicKey, pool: String)] {
        var admitted = [(key: try CurveKeyPair(contentsOf: "\(path)/worker.key").publicKey, pool: "local")]
        let list = "\(path)/workers.allow"
        guard let bytes = FileManager.default.contents(atPath: list) else { return admitted }
        for (index, line) in String(decoding: bytes, as: UTF8.self).split(separator: "\n").enumerated() {
            let words = line.split(separator: " ")
            if words.isEmpty || line.hasPrefix("#") { continue }
            guard words.count == 2, let key = CurvePublicKey(z85: words[0]) else {
                throw WrongInput("\(list):\(index + 1): expected a key of 40 characters (Z85) and a name")
            }
            admitted.append((key, String(words[1])))
        }
        return admitted
    }

    /// For whoever starts workers on this machine.
    func write(endpoint: String) throws {
        try PartialFile.write(Array("\(endpoint)\n".utf8), to: "\(path)/control.endpoint")
    }

    private static func pair(_ path: String) throws -> CurveKeyPair {
        if FileManager.default.fileExists(atPath: path) { return try CurveKeyPair(contentsOf: path) }
        let pair = try CurveKeyPair.generate()
        try pair.write(to: path)
        return pair
    }
}
