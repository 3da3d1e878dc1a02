import DurableFile
import Glibc

extension SharedFolder {
    /// What a coordinator remembers of its shared folder, in its own: the mark that is in there.
    static let record = "shared.id"

    /// Opens a farm's shared folder for its coordinator; the first time, the folder becomes the farm's.
    ///
    /// - Parameters:
    ///   - path: nil where nothing is to be shared.
    ///   - folder: the coordinator's own.
    /// - Returns: what ``ArtifactStore`` wants to have; nil where nothing is shared.
    /// - Throws: ``SharedFolderError`` where files that the farm relies on would be missing.
    public static func open(_ path: String?, of folder: String) throws(SharedFolderError) -> HostDisk? {
        let known = try text("\(folder)/\(record)")
        guard let path else {
            guard known == nil else { throw .forgotten(record: "\(folder)/\(record)") }
            return nil
        }
        let disk = try open(path)
        switch (known, try mark(in: path)) {
        case (nil, nil):
            let mark = (0..<2).map { _ in String(UInt64.random(in: 0 ... .max), radix: 36) }.joined()
            // The mark last: what is marked is somebody's for good.
            try write(mark, to: "\(folder)/\(record)")
            do { try write(mark, to: "\(path)/\(marker)") } catch {
                unlink("\(folder)/\(record)")
                throw error
            }
        case (nil, .some): throw .foreign(path: path)
        case (.some, nil): throw .notMounted(path: path)
        case (let known?, let found?): guard known == found else { throw .foreign(path: path) }
        }
        return disk
    }

    private static func write(_ text: String, to path: String) throws(SharedFolderError) {
        do { try PartialFile.write(Array("\(text)\n".utf8), to: path, mode: 0o600) } catch {
            throw .system(path: error.path, code: error.code)
        }
    }
}

/// Why a folder can't be shared: where, and what to do.
public enum SharedFolderError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The system refused; `code` is `errno`.
    case system(path: String, code: Int32)
    /// It has no mark, though it should have one.
    case notMounted(path: String)
    /// Another farm's.
    case foreign(path: String)
    /// The farm has files in a shared folder that is not named.
    case forgotten(record: String)

    public var description: String {
        switch self {
        case .system(let path, ENOSPC), .system(let path, EDQUOT):
            "\(path): the shared file system is full, or this user's share of it; make room there"
        case .system(let path, let code):
            "\(path): \(String(cString: strerror(code))); is the shared file system mounted, and this user's?"
        case .notMounted(let path):
            "\(path): no farm's shared folder, it has no \(SharedFolder.marker): mount the file system, or start the "
                + "coordinator with this folder first"
        case .foreign(let path): "\(path): the shared folder of another farm; name this farm's own, or an empty one"
        case .forgotten(let record):
            "files of this farm are in a shared folder: name it by --shared, or remove \(record) to do without them"
        }
    }
}
