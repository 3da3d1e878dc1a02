public import DurableFile

/// The file operations that the log and the store are made of: a simulation's disk can lose what was not synced.
///
/// All calls block. What is missing is an error with `ENOENT`. A name is durable once its directory is synced, its
/// content once the file is; neither makes the other durable.
public protocol Disk: AnyObject {
    /// The path as people should read it in an error.
    func location(of path: DiskPath) -> String

    /// Makes a directory and those above it; all their names are durable afterwards. One that exists is no error.
    func makeDirectory(_ path: DiskPath) throws(FileError)

    /// Opens a regular file; a link is refused.
    func openFile(_ path: DiskPath, for use: FileUse) throws(FileError) -> any DiskFile

    /// Makes the names in a directory durable: what was created, renamed and removed there.
    func synchronizeDirectory(_ path: DiskPath) throws(FileError)

    /// Gives a file another name, which may be in another directory; a file of that name is replaced.
    func rename(_ path: DiskPath, to target: DiskPath) throws(FileError)

    /// Removes one file's name; the content stays for those who have it open.
    func removeFile(_ path: DiskPath) throws(FileError)

    /// Removes a directory with everything in it; what an error leaves, another call removes.
    func removeTree(_ path: DiskPath) throws(FileError)

    /// What a directory holds, in the order of names.
    func list(_ path: DiskPath) throws(FileError) -> [DirectoryEntry]

    /// Bytes that may still be written to the file system.
    func freeBytes() throws(FileError) -> Int
}

/// An open file; closed when it is released.
public protocol DiskFile: AnyObject {
    /// The length in bytes.
    func byteCount() throws(FileError) -> Int

    /// Fills `buffer` from `offset` on and says how many bytes there were: fewer only where the file ends.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int

    /// Adds all bytes at the end; after an error a part of them may be there.
    func append(_ bytes: UnsafeRawBufferPointer) throws(FileError)

    /// Makes the content and the length durable.
    ///
    /// After an error the operating system may have given up what was not yet on the disk, and a later call may succeed
    /// all the same: only writing the bytes again, elsewhere, helps.
    func synchronize() throws(FileError)

    /// Cuts the file to a length that is not above its own.
    func truncate(to byteCount: Int) throws(FileError)
}

/// What a file is opened for.
public enum FileUse: Hashable, Sendable {
    /// An existing file, not to be changed.
    case reading
    /// An existing file, to be read and appended to.
    case appending
    /// A file that must not exist yet, to be read and appended to.
    case creating
}

/// One name in a directory.
public struct DirectoryEntry: Hashable, Sendable {
    /// What the name stands for; links are `other`.
    public enum Kind: Hashable, Sendable {
        case file
        case directory
        case other
    }

    public let name: String
    public let kind: Kind
    /// A file's length; 0 for all others.
    public let byteCount: Int

    public init(name: String, kind: Kind, byteCount: Int) {
        self.name = name
        self.kind = kind
        self.byteCount = byteCount
    }
}
