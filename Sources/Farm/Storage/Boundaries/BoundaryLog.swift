public import DurableFile
public import Farm

/// The records of all segments' boundary streams: one append-only file per segment, `<story>/<segment>.log`.
///
/// It keeps every generation side by side and decides nothing about them, except that the first write of a generation's
/// step wins. Records are readable as soon as they are appended and durable once ``synchronize(_:)`` returns.
///
/// It is not `Sendable`: its calls block, and its owner makes them all on one thread.
///
/// ## When a sync fails
///
/// The operating system reports a failed write once and may then forget the bytes, though they can be read until the
/// machine restarts. Appending to and syncing that segment is therefore refused with `unreliable` for as long as this
/// object lives, until the segment is removed; a new process cannot know, so its owner should note the failure durably
/// or remove the segment.
public final class BoundaryLog {
    /// The longest payload in bytes; the wire's own limit is lower.
    public static let payloadByteCountMax = 16 << 20

    private let disk: any Disk
    private let root: DiskPath
    private let reserve: Int
    private var files: OpenSegments
    private var unreliable: Set<SegmentID> = []

    /// Opens the log below `root`, which is made where it is missing.
    ///
    /// - Parameters:
    ///   - openFilesMax: descriptors kept open, with their indexes; should exceed the number of segments that are
    ///     denoised at once, since a file that gives way to another is synced first, and stay well below the process's
    ///     limit of descriptors, which is often 1,024.
    ///   - reserve: bytes of the disk that are left to others.
    public init(
        on disk: any Disk, at root: DiskPath, openFilesMax: Int = 512, leaving reserve: Int = 0
    ) throws(StorageError) {
        precondition(openFilesMax > 0)
        self.disk = disk
        self.root = root
        self.reserve = reserve
        files = OpenSegments(countMax: openFilesMax)
        try StorageError.wrapping { () throws(FileError) in try disk.makeDirectory(root) }
    }

    /// The segment's records in the order in which they were written; none where it has no file.
    ///
    /// The first call opens the file: it cuts off what a crash tore and refuses a file that is damaged elsewhere.
    public func entries(of segment: SegmentID) throws(StorageError) -> [BoundaryEntry] {
        try existing(segment)?.entries ?? []
    }

    /// Where a stream's record of a step stands, in the generation that is named; nil where there is none.
    public func entry(of stream: StreamID, step: UInt32) throws(StorageError) -> BoundaryEntry? {
        try existing(stream.segment)?.entry(stream.generation, step)
    }

    /// Adds the boundary of one step, unless that generation has the step already.
    ///
    /// A record that is there but can no longer be read is stored again. After an error the log holds what it held.
    ///
    /// - Precondition: the payload has 1…``payloadByteCountMax`` bytes.
    /// - Throws: `wrongChecksum` where `checksum` is not the payload's; `unreliable` after a failed sync; `reserved`.
    public func append(
        _ payload: UnsafeRawBufferPointer, checksum: UInt64, step: UInt32, to stream: StreamID
    ) throws(StorageError) -> BoundaryAppendOutcome {
        precondition((1...Self.payloadByteCountMax).contains(payload.count), "a payload of \(payload.count) bytes")
        let segment = stream.segment
        let found = BoundaryFormat.checksum(of: payload)
        guard found == checksum else {
            throw refusal(segment, .wrongChecksum(found: found, expected: checksum))
        }
        try requireReliable(segment)
        try disk.requireRoom(for: payload.count, at: path(segment), leaving: reserve)
        let file =
            if let file = try existing(segment) { file } else { try create(segment) }
        if let entry = file.entry(stream.generation, step) {
            guard entry.checksum == checksum, entry.byteCount == payload.count else { return .conflict(entry) }
            if try isSound(entry, in: file) { return .alreadyThere(entry) }
        }
        return .stored(
            try file.append(payload, checksum: checksum, generation: stream.generation, step: step))
    }

    /// Reads a record's payload into `buffer` and verifies its checksum.
    ///
    /// - Precondition: `buffer` has exactly the entry's length.
    /// - Throws: `damaged` with the place, where the bytes are not those that were appended.
    public func read(_ entry: BoundaryEntry, into buffer: UnsafeMutableRawBufferPointer) throws(StorageError) {
        precondition(buffer.count == entry.byteCount, "\(buffer.count) bytes for a payload of \(entry.byteCount)")
        guard let file = try existing(entry.segment) else { throw refusal(entry.segment, .missing) }
        try file.read(entry, into: buffer)
    }

    /// Makes everything durable that was appended to the segment, by an earlier process too, and the file's name.
    ///
    /// - Throws: `missing` where the segment has no file; `unreliable` from a failed sync on.
    public func synchronize(_ segment: SegmentID) throws(StorageError) {
        guard let sync = try beginSynchronizing(segment) else { return }
        try endSynchronizing(sync, sync.perform())
    }

    /// The first of the three steps of ``synchronize(_:)``, for an owner who goes on while another thread waits for the
    /// disk.
    ///
    /// - Returns: nil where everything is durable.
    /// - Throws: `missing` where the segment has no file; `unreliable` after a failed sync.
    public func beginSynchronizing(_ segment: SegmentID) throws(StorageError) -> BoundarySync? {
        try requireReliable(segment)
        guard let file = try existing(segment) else { throw refusal(segment, .missing) }
        switch file.durability {
        case .durable: return nil
        case .pending, .unknown: break
        }
        return BoundarySync(
            segment: segment, file: file, end: file.end, disk: disk,
            directory: file.hasDurableName ? nil : path(segment).parent)
    }

    /// The last step: what was appended since the first one waits for the next sync.
    ///
    /// - Throws: what the sync failed with; the segment is unreliable then.
    public func endSynchronizing(_ sync: BoundarySync, _ outcome: Result<Void, FileError>) throws(StorageError) {
        do throws(FileError) {
            try outcome.get()
            sync.file.synchronized(upTo: sync.end)
        } catch {
            files.remove(sync.segment)
            unreliable.insert(sync.segment)
            throw StorageError(error)
        }
    }

    /// Removes the segment's file for good, also one that is damaged; it is no error that there is none.
    public func remove(_ segment: SegmentID) throws(StorageError) {
        files.remove(segment)
        let path = path(segment)
        try StorageError.wrappingAllButMissing { () throws(FileError) in try disk.removeFile(path) }
        // Also where it was missing: an earlier removal may have stopped here.
        try StorageError.wrappingAllButMissing { () throws(FileError) in try disk.synchronizeDirectory(path.parent) }
        unreliable.remove(segment)
    }

    /// Removes the files of all segments of a story; it is no error that there are none.
    public func remove(_ story: StoryID) throws(StorageError) {
        files.removeAll(of: story)
        try StorageError.wrappingAllButMissing { () throws(FileError) in try disk.removeTree(path(story)) }
        try StorageError.wrappingAllButMissing { () throws(FileError) in try disk.synchronizeDirectory(root) }
        unreliable = unreliable.filter { $0.story != story }
    }

    /// The stories that have files, so that an owner finds those it no longer knows.
    public func stories() throws(StorageError) -> [StoryID] {
        try StorageError.wrapping { () throws(FileError) in try disk.list(root) }.compactMap { entry in
            entry.kind == .directory ? StoryID(decimal: entry.name) : nil
        }
    }

    /// Bytes that a story's files take.
    public func byteCount(of story: StoryID) throws(StorageError) -> Int {
        var byteCount = 0
        try StorageError.wrappingAllButMissing { () throws(FileError) in
            byteCount = try disk.list(path(story)).reduce(0) { $0 + $1.byteCount }
        }
        return byteCount
    }

    // MARK: Files

    private func existing(_ segment: SegmentID) throws(StorageError) -> SegmentFile? {
        if let file = files[segment] { return file }
        var file: (any DiskFile)?
        try StorageError.wrappingAllButMissing { () throws(FileError) in
            file = try disk.openFile(path(segment), for: .appending)
        }
        guard let file else { return nil }
        return try keep(file, of: segment)
    }

    private func create(_ segment: SegmentID) throws(StorageError) -> SegmentFile {
        let path = path(segment)
        let file = try StorageError.wrapping { () throws(FileError) in
            try disk.makeDirectory(path.parent)
            return try disk.openFile(path, for: .creating)
        }
        return try keep(file, of: segment)
    }

    private func keep(_ file: any DiskFile, of segment: SegmentID) throws(StorageError) -> SegmentFile {
        let file = try SegmentFile(file, of: segment, location: disk.location(of: path(segment)))
        if let (evicted, old) = files.insert(file, for: segment), case .pending = old.durability {
            // A write error is reported to descriptors that were open when it happened; with this one it would be lost.
            do { try old.synchronize() } catch { unreliable.insert(evicted) }
        }
        return file
    }

    private func isSound(_ entry: BoundaryEntry, in file: SegmentFile) throws(StorageError) -> Bool {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: entry.byteCount, alignment: 16)
        defer { buffer.deallocate() }
        do { try file.read(entry, into: buffer) } catch {
            if case .damaged = error.reason { return false }
            throw error
        }
        return true
    }

    private func requireReliable(_ segment: SegmentID) throws(StorageError) {
        if unreliable.contains(segment) { throw refusal(segment, .unreliable) }
    }

    private func refusal(_ segment: SegmentID, _ reason: StorageError.Reason) -> StorageError {
        StorageError(file: disk.location(of: path(segment)), reason: reason)
    }

    private func path(_ story: StoryID) -> DiskPath { root / "\(story.rawValue)" }
    private func path(_ segment: SegmentID) -> DiskPath { path(segment.story) / "\(segment.number).log" }
}
