import Glibc

/// A file mapped into memory, unmapped when the last user lets go.
///
/// The mapping is private and writable: whoever writes into a tensor over it gets copies of the pages, never the file.
/// If another process shortens the file meanwhile, touching the lost part ends the process (SIGBUS); model files are
/// replaced by rename, never rewritten in place.
public final class MappedFile: @unchecked Sendable {  // Immutable after init; the memory is only lent out for reading.
    /// The path that it was opened by; errors carry it.
    public let path: String
    /// The file's bytes; valid as long as this object.
    public let bytes: UnsafeRawBufferPointer

    /// - Throws: `SafetensorsError` with the system's reason, or if it is not a regular file.
    public init(path: String) throws(SafetensorsError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.systemError(path, errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.systemError(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw SafetensorsError(file: path, reason: .inputOutput("not a regular file"))
        }
        self.path = path
        let size = Int(status.st_size)
        guard size > 0 else {  // mmap refuses a length of 0.
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        // Without NORESERVE the kernel would set aside memory for the copies that a writer might cause, and refuse
        // weights larger than the machine's memory.
        let address = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, descriptor, 0)
        guard let address, address != MAP_FAILED else { throw Self.systemError(path, errno) }
        bytes = UnsafeRawBufferPointer(start: address, count: size)
    }

    deinit {
        if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
    }

    static func systemError(_ path: String, _ code: Int32) -> SafetensorsError {
        SafetensorsError(file: path, reason: .inputOutput(String(cString: strerror(code))))
    }
}
