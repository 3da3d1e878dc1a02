import Glibc

/// Whose a file is that root writes into somebody else's folder.
public enum FileOwner {
    /// Gives an open file to whom a file of its name belongs, or else its folder: a service whose files an
    /// administrator changes must be able to read them. Only root can; for anybody else there is nothing to do.
    ///
    /// - Parameter path: under which the file is to be found.
    public static func inherit(_ descriptor: Int32, at path: String) throws(FileError) {
        guard geteuid() == 0, let owner = owner(of: path) else { return }
        guard fchown(descriptor, owner.user, owner.group) == 0 else { throw FileError(path: path, code: errno) }
    }

    /// Nil where both are root's; a file that only root could have left in another's folder is its folder's.
    private static func owner(of path: String) -> (user: uid_t, group: gid_t)? {
        for place in [path, PartialFile.directory(of: path)] {
            var status = stat()
            if lstat(place, &status) == 0, status.st_uid != 0 { return (status.st_uid, status.st_gid) }
        }
        return nil
    }
}
