import CWire
import Glibc

/// Lets protobuf-c allocate up to a limit, beyond which unpacking fails, and counts what it holds.
///
/// Noncopyable, because the allocator handed to C points at this budget's counters.
struct AllocationBudget: ~Copyable {
    private struct Counters {
        let limit: Int
        var held = 0
        var peak = 0
        var refused = 0
    }

    /// Every block begins with its size; 16 bytes keep what follows aligned as `malloc` aligned the block.
    private static let headerBytes = 16

    private let counters: UnsafeMutablePointer<Counters>

    init(limit: Int) {
        counters = .allocate(capacity: 1)
        counters.initialize(to: Counters(limit: limit))
    }

    deinit { counters.deallocate() }

    /// What protobuf-c did with the budget.
    var figures: AllocationFigures {
        let now = counters.pointee
        return AllocationFigures(peakBytes: now.peak, leakedBytes: now.held, refusedAllocations: now.refused)
    }

    /// Unpacks one envelope and passes it to `body`; it is freed when `body` returns.
    ///
    /// - Parameter body: gets `nil` when protobuf-c refused the bytes or the budget was spent.
    borrowing func withUnpacked<Value>(
        _ bytes: UnsafeRawBufferPointer,
        _ body: (UnsafeMutablePointer<Storyfarm__V1__Envelope>?) throws(WireError) -> Value
    ) throws(WireError) -> Value {
        var allocator = allocator
        let form = storyfarm__v1__envelope__unpack(
            &allocator, bytes.count, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
        defer { if let form { storyfarm__v1__envelope__free_unpacked(form, &allocator) } }
        return try body(form)
    }

    private var allocator: ProtobufCAllocator {
        ProtobufCAllocator(
            alloc: { counters, size in
                guard let counters = counters?.assumingMemoryBound(to: Counters.self) else { return nil }
                return AllocationBudget.allocate(size, counters)
            },
            free: { counters, pointer in
                guard let counters = counters?.assumingMemoryBound(to: Counters.self), let pointer else { return }
                AllocationBudget.giveBack(pointer, counters)
            },
            allocator_data: counters)
    }

    private static func allocate(_ size: Int, _ counters: UnsafeMutablePointer<Counters>) -> UnsafeMutableRawPointer? {
        let (total, overflow) = size.addingReportingOverflow(headerBytes)
        // A size above Int.max arrives as a negative one.
        guard size >= 0, !overflow, total <= counters.pointee.limit - counters.pointee.held,
            let block = malloc(total)
        else {
            counters.pointee.refused += 1
            return nil
        }
        block.storeBytes(of: total, as: Int.self)
        counters.pointee.held += total
        counters.pointee.peak = max(counters.pointee.peak, counters.pointee.held)
        return block + headerBytes
    }

    private static func giveBack(_ pointer: UnsafeMutableRawPointer, _ counters: UnsafeMutablePointer<Counters>) {
        let block = pointer - headerBytes
        counters.pointee.held -= block.load(as: Int.self)
        free(block)
    }
}

/// What unpacking one message cost, headers of the blocks included.
package struct AllocationFigures: Equatable, Sendable {
    /// The most bytes held at once.
    package let peakBytes: Int
    /// Bytes still held after everything was freed: not 0 would be a leak.
    package let leakedBytes: Int
    /// Allocations that the budget turned down.
    package let refusedAllocations: Int
}
