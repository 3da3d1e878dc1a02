import DurableFile
public import Farm

/// The farm's finished files: checkpoints, latents and videos, found by what they are of and their SHA-256.
///
/// A file appears whole, verified and durable, or not at all. Which of a segment's files counts is decided elsewhere:
/// the store keeps each until it is told to remove it.
///
/// What is uploaded lies on its own disk. Where there is a shared one, what workers deposited there stays there.
///
/// It is not `Sendable`: its calls block, and its owner makes them all on one thread.
public final class ArtifactStore {
    let disk: any Disk
    let layout: ArtifactLayout
    let shared: Shared?
    /// Bytes of its own disk that are left to others.
    let reserve: Int
    private var index: [StoryID: [ArtifactID: Entry]] = [:]
    private var uploadCount: UInt64 = 0

    /// Bytes of the finished files of every kind.
    public private(set) var usage: [ArtifactKind: Int]

    /// A disk that workers write to as well.
    struct Shared {
        let disk: any Disk
        let layout: ArtifactLayout
    }

    private struct Entry {
        let byteCount: Int
        let isShared: Bool
    }

    /// Opens the store below `root`, which is made where it is missing, and removes what unfinished uploads left.
    ///
    /// It looks at every file's name and length, but reads none.
    ///
    /// - Parameters:
    ///   - shared: a disk whose root workers know as their shared folder.
    ///   - reserve: bytes of `disk` that are left to others.
    public init(
        on disk: any Disk, at root: DiskPath, shared: (any Disk)? = nil, leaving reserve: Int = 0
    ) throws(StorageError) {
        self.disk = disk
        self.reserve = reserve
        layout = ArtifactLayout(root: root)
        self.shared = shared.map { Shared(disk: $0, layout: ArtifactLayout(root: .root)) }
        usage = Dictionary(uniqueKeysWithValues: ArtifactKind.allCases.map { ($0, 0) })
        try StorageError.wrapping { () throws(FileError) in
            try removeStaleUploads()
            for kind in ArtifactKind.allCases { try scan(kind, in: disk, layout, isShared: false) }
            guard let shared = self.shared else { return }
            try removeDeposits(shared)
            for kind in Deposit.kinds { try scan(kind, in: shared.disk, shared.layout, isShared: true) }
        }
    }

    // MARK: Storing

    /// Begins to receive a file of `byteCount` bytes.
    ///
    /// The upload owns its unfinished file: releasing it gives the upload up. How many there are at once, and whether
    /// there is room for them, is the caller's business.
    public func begin(_ subject: ArtifactSubject, byteCount: Int) throws(StorageError) -> ArtifactUpload {
        precondition(byteCount > 0)
        uploadCount += 1
        let path = layout.upload(uploadCount)
        let file = try StorageError.wrapping { () throws(FileError) in try disk.openFile(path, for: .creating) }
        return ArtifactUpload(of: subject, byteCount: byteCount, file: file, path: path, to: self)
    }

    /// Gives a verified upload its name.
    func commit(_ partial: DiskPath, _ file: any DiskFile, as artifact: StoredArtifact) throws(FileError) {
        let target = layout.path(artifact.id)
        try file.synchronize()
        try disk.makeDirectory(target.parent)
        // Over the same bytes, if they are there: so damage since then is mended.
        try disk.rename(partial, to: target)
        do {
            try disk.synchronizeDirectory(target.parent)
        } catch {
            // It is there but may not last: better gone than half promised, unless it was there before.
            if self.artifact(artifact.id) == nil { try? disk.removeFile(target) }
            throw error
        }
        insert(artifact, isShared: false)
    }

    // MARK: Finding

    /// The file's length, if it is stored.
    public func artifact(_ id: ArtifactID) -> StoredArtifact? {
        index[id.subject.story]?[id].map { StoredArtifact(id: id, byteCount: $0.byteCount) }
    }

    /// All files of a story, in no particular order.
    public func artifacts(of story: StoryID) -> [StoredArtifact] {
        (index[story] ?? [:]).map { StoredArtifact(id: $0.key, byteCount: $0.value.byteCount) }
    }

    /// The stories that have files, in order, so that an owner finds those it no longer knows.
    public var stories: [StoryID] { index.keys.sorted() }

    /// Reads a part of a file into the whole of `buffer`.
    ///
    /// Its bytes are not verified: whoever receives all of them does.
    ///
    /// - Throws: `missing`; `beyondEnd`; `damaged` where the file is shorter than it was.
    public func read(
        _ id: ArtifactID, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError) {
        precondition(offset >= 0)
        let (disk, path) = place(of: id)
        guard let artifact = artifact(id) else { throw refusal(disk, path, .missing) }
        guard buffer.count <= artifact.byteCount - offset else {
            throw refusal(disk, path, .beyondEnd(end: offset + buffer.count, total: artifact.byteCount))
        }
        let count = try StorageError.wrapping { () throws(FileError) in
            try disk.openFile(path, for: .reading).read(into: buffer, at: offset)
        }
        guard count == buffer.count else { throw refusal(disk, path, .damaged(.length, offset: offset + count)) }
    }

    /// Where a stored file stands, for a library that opens files by name.
    public func location(of id: ArtifactID) -> String {
        let (disk, path) = place(of: id)
        return disk.location(of: path)
    }

    private func place(of id: ArtifactID) -> (disk: any Disk, path: DiskPath) {
        guard let shared, index[id.subject.story]?[id]?.isShared == true else { return (disk, layout.path(id)) }
        return (shared.disk, shared.layout.path(id))
    }

    /// Bytes that may still be written to its own file system.
    public func freeBytes() throws(StorageError) -> Int {
        try StorageError.wrapping { () throws(FileError) in try disk.freeBytes() }
    }

    /// Bytes that the shared disk has free, 0 where it can't be looked at; nil where nothing is shared.
    public var sharedFreeBytes: Int? { shared.map { (try? $0.disk.freeBytes()) ?? 0 } }

    // MARK: Removing

    /// Removes a file; it is no error that there is none.
    ///
    /// A crash of the machine may bring it back: an owner compares what it knows with ``artifacts(of:)`` at its start.
    public func remove(_ id: ArtifactID) throws(StorageError) {
        let (disk, path) = place(of: id)
        try StorageError.wrappingAllButMissing { () throws(FileError) in try disk.removeFile(path) }
        forget(id)
    }

    /// Removes all files of a story; what an error leaves, another call removes.
    public func remove(_ story: StoryID) throws(StorageError) {
        for artifact in artifacts(of: story) { try remove(artifact.id) }
        for kind in ArtifactKind.allCases {
            try StorageError.wrappingAllButMissing { () throws(FileError) in
                try disk.removeTree(layout.directory(kind, of: story))
            }
        }
        guard let shared else { return }
        for kind in Deposit.kinds {
            try StorageError.wrappingAllButMissing { () throws(FileError) in
                try shared.disk.removeTree(shared.layout.directory(kind, of: story))
            }
        }
    }

    // MARK: Index

    private func removeStaleUploads() throws(FileError) {
        try disk.makeDirectory(layout.uploads)
        for entry in try disk.list(layout.uploads) where entry.name.hasSuffix(ArtifactLayout.partialSuffix) {
            try disk.removeFile(layout.uploads / entry.name)
        }
    }

    private func scan(
        _ kind: ArtifactKind, in disk: any Disk, _ layout: ArtifactLayout, isShared: Bool
    ) throws(FileError) {
        let directory = layout.directory(kind)
        try disk.makeDirectory(directory)
        for folder in try disk.list(directory) where folder.kind == .directory {
            guard let story = StoryID(decimal: folder.name) else { continue }
            for entry in try disk.list(directory / folder.name) where entry.kind == .file {
                guard let id = layout.id(kind, of: story, named: entry.name) else { continue }
                insert(StoredArtifact(id: id, byteCount: entry.byteCount), isShared: isShared)
            }
        }
    }

    func insert(_ artifact: StoredArtifact, isShared: Bool) {
        // The same bytes are worth keeping once.
        if let known = index[artifact.id.subject.story]?[artifact.id], known.isShared != isShared {
            let (disk, path) = place(of: artifact.id)
            try? disk.removeFile(path)
        }
        forget(artifact.id)
        index[artifact.id.subject.story, default: [:]][artifact.id] = Entry(
            byteCount: artifact.byteCount, isShared: isShared)
        usage[artifact.id.subject.kind, default: 0] += artifact.byteCount
    }

    private func forget(_ id: ArtifactID) {
        let story = id.subject.story
        guard let entry = index[story]?.removeValue(forKey: id) else { return }
        usage[id.subject.kind, default: 0] -= entry.byteCount
        if index[story]?.isEmpty == true { index[story] = nil }
    }

    func refusal(_ disk: any Disk, _ path: DiskPath, _ reason: StorageError.Reason) -> StorageError {
        StorageError(file: disk.location(of: path), reason: reason)
    }
}
