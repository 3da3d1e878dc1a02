public import DurableFile
import Farm

/// A sync of one segment's file that is under way: its owner begins and ends it, any thread may wait for it meanwhile.
///
/// Unchecked because of the file, of which nothing is used here but the sync: the system allows it beside the owner's
/// reads and writes, and the descriptor stays open as long as this value lives.
public struct BoundarySync: @unchecked Sendable {
    let segment: SegmentID
    let file: SegmentFile
    /// Whole records ended here when it was begun.
    let end: Int
    let disk: any Disk
    /// To be synced too; nil where the file's name is durable already.
    let directory: DiskPath?

    /// Waits for the disk.
    public func perform() -> Result<Void, FileError> {
        Result { () throws(FileError) in
            try file.file.synchronize()
            if let directory { try disk.synchronizeDirectory(directory) }
        }
    }
}
