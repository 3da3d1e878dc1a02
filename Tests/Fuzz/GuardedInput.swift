import Glibc

/// Holds inputs so that they end exactly where a page without access begins: reading one byte too many is a crash.
///
/// The address sanitizer does not see what the system's protobuf-c reads; this does.
final class GuardedInput {
    private let start: UnsafeMutableRawPointer
    private let capacity: Int
    private let pageBytes = Int(getpagesize())

    init(capacity: Int) {
        let page = Int(getpagesize())
        self.capacity = (capacity + page - 1) / page * page
        let flags = MAP_PRIVATE | MAP_ANONYMOUS
        let memory = mmap(nil, self.capacity + page, PROT_READ | PROT_WRITE, flags, -1, 0)
        guard let memory, memory != MAP_FAILED, mprotect(memory + self.capacity, page, PROT_NONE) == 0 else {
            preconditionFailure("cannot map \(self.capacity + page) bytes")
        }
        start = memory
    }

    deinit { munmap(start, capacity + pageBytes) }

    /// - Precondition: the bytes fit.
    func place(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
        precondition(bytes.count <= capacity)
        let place = UnsafeMutableRawBufferPointer(start: start + capacity - bytes.count, count: bytes.count)
        place.copyBytes(from: bytes)
        return UnsafeRawBufferPointer(place)
    }
}
