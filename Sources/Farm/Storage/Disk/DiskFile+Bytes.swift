import DurableFile

// `withUnsafeBytes` of an array passes on any error but not its type, so the error leaves as a value.

extension DiskFile {
    func append(_ bytes: [UInt8]) throws(FileError) {
        let failure: FileError? = bytes.withUnsafeBytes {
            do throws(FileError) { try append($0) } catch { return error }
            return nil
        }
        if let failure { throw failure }
    }
}

extension [UInt8] {
    /// Overwrites all elements with a file's bytes and says how many there were.
    mutating func read(from file: any DiskFile, at offset: Int) throws(FileError) -> Int {
        let result: Result<Int, FileError> = withUnsafeMutableBytes { buffer in
            do throws(FileError) { return .success(try file.read(into: buffer, at: offset)) } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
