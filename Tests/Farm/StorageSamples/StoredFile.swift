import Storage

/// A file's bytes, now and as of the last sync.
final class StoredFile {
    private(set) var content: [UInt8] = []
    private var synced: [UInt8] = []
    /// Bytes that a failed sync gave up: they are read until the machine goes down, and no later sync writes them.
    private var givenUp: [Range<Int>] = []

    var unsyncedTailByteCount: Int { content.starts(with: synced) ? content.count - synced.count : 0 }

    func append(_ bytes: some Sequence<UInt8>) { content.append(contentsOf: bytes) }

    func truncate(to byteCount: Int) { content.removeSubrange(byteCount...) }

    func synchronize() {
        synced = content
        for range in givenUp.map({ $0.clamped(to: 0..<synced.count) }) {
            synced.replaceSubrange(range, with: repeatElement(0, count: range.count))
        }
    }

    func failToSynchronize() { givenUp.append(min(synced.count, content.count)..<content.count) }

    func forgetUnsynced(keeping kept: Int, zeros: Int) {
        let tail = kept + zeros > 0 ? content[synced.count..<(synced.count + kept)] : []
        synced += tail + repeatElement(0, count: zeros)
        content = synced
        givenUp = []
    }

    func replace(with bytes: [UInt8]) {
        content = bytes
        synced = bytes
        givenUp = []
    }
}

/// A directory's names, now and as of the last sync.
final class Folder {
    enum Node {
        case file(StoredFile)
        case folder(Folder)
    }

    var names: [String: Node] = [:]
    private var synced: [String: Node] = [:]

    func synchronize() { synced = names }

    func forgetUnsynced(_ file: (StoredFile) -> Void) {
        names = synced
        for node in names.sorted(by: { $0.key < $1.key }) {
            switch node.value {
            case .file(let stored): file(stored)
            case .folder(let folder): folder.forgetUnsynced(file)
            }
        }
    }

    func folder(at path: DiskPath) -> Folder? {
        path.components.reduce(self) { folder, name in
            if case .folder(let next)? = folder?.names[name] { next } else { nil }
        }
    }

    func file(at path: DiskPath) -> StoredFile? {
        if case .file(let file)? = folder(at: path.parent)?.names[path.name] { file } else { nil }
    }

    var files: [(path: String, value: StoredFile)] {
        names.flatMap { name, node in
            switch node {
            case .file(let file): [(name, file)]
            case .folder(let folder): folder.files.map { ("\(name)/\($0.path)", $0.value) }
            }
        }
    }
}
