import Synchronization
import Testing

@testable import Transport

/// Goal: large payloads are not copied on the way through, and their owner is released exactly once, afterwards.
/// Method: `inproc` passes libzmq's own buffers, so an unchanged address shows that nobody copied.
struct FrameTests {
    static let latentBytes = 12 * 60 * 106 * 4

    @Test func framesHoldTheBytesTheyWereGiven() throws {
        #expect(Frame([1, 2, 3]).bytes == [1, 2, 3])
        #expect(Frame([]).bytes.isEmpty)
        #expect(Frame(count: 4) { $0.copyBytes(from: [9, 8, 7, 6]) }.bytes == [9, 8, 7, 6])
        #expect(Frame([5, 6]).withSpan { $0.unsafeLoadUnaligned(fromByteOffset: 1, as: UInt8.self) } == 6)
        let copy = [UInt8](4...6).withUnsafeBytes { Frame(copying: $0) }
        #expect(copy.bytes == [4, 5, 6])
    }

    @Test func aLargeFrameIsHandedOverAndReceivedWithoutACopy() async throws {
        let loopback = try Loopback()
        let router = try loopback.router(at: "inproc://zero-copy", .bulk(.plain))
        let dealer = try loopback.dealer(to: router, .bulk(.plain))
        let frame = Frame(count: Self.latentBytes) { $0.initializeMemory(as: UInt8.self, repeating: 3) }
        try await dealer.send(Multipart([Frame("header".utf8), frame]))
        let received = try await router.next()
        #expect(received.frames.count == 2)
        #expect(address(of: received.frames[1]) == address(of: frame))

        // And forwarding what was received does not copy either.
        try await router.send(Multipart(received.frames, to: received.peer))
        let returned = try await dealer.next()
        #expect(returned.text == "header")
        #expect(address(of: returned.frames[1]) == address(of: frame))
        try await loopback.close()
    }

    @Test func aSmallFrameIsCopied() async throws {
        let loopback = try Loopback()
        let router = try loopback.router(at: "inproc://copy")
        let dealer = try loopback.dealer(to: router)
        let frame = Frame(Array(repeating: 3, count: 1000))
        try await dealer.send(Multipart([frame]))
        let received = try await router.next()
        #expect(received.frames[0].bytes == frame.bytes)
        #expect(address(of: received.frames[0]) != address(of: frame))
        try await loopback.close()
    }

    @Test func aLargeFrameArrivesOverTCPByteForByte() async throws {
        let loopback = try Loopback()
        let router = try loopback.router(.bulk(.plain))
        let dealer = try loopback.dealer(to: router, .bulk(.plain))
        let bytes = (0..<Self.latentBytes).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
        try await dealer.send(Multipart([Frame(bytes)]))
        #expect(try await router.next().frames[0].bytes == bytes)
        try await loopback.close()
    }

    @Test(arguments: ["tcp://127.0.0.1:*", "inproc://owner"])
    func theOwnerIsReleasedExactlyOnceAfterTheSend(_ endpoint: String) async throws {
        let loopback = try Loopback()
        let router = try loopback.router(at: endpoint, .bulk(.plain))
        let dealer = try loopback.dealer(to: router, .bulk(.plain))
        let count = 10
        let releases = Releases(expected: count)
        for _ in 0..<count {
            try await dealer.send(Multipart([Slab(bytes: Self.latentBytes, releases).frame()]))
            _ = try await router.next()
        }
        try await within { await releases.all.wait() }
        #expect(releases.count == count)
        try await loopback.close()
        #expect(releases.count == count)
    }

    @Test func theOwnerIsReleasedWhenTheMessageIsNeverSent() async throws {
        let loopback = try Loopback()
        let silent = try UnusedPort()
        let dealer = try loopback.connecting.connect(.dealer, to: silent.endpoint, .bulk(.plain))
        let releases = Releases(expected: 1)
        dealer.post(Multipart([Slab(bytes: Self.latentBytes, releases).frame()])) { _ in }
        try await loopback.close()
        try await within { await releases.all.wait() }
        #expect(releases.count == 1)
    }

    private func address(of frame: Frame) -> Int { frame.withUnsafeBytes { Int(bitPattern: $0.baseAddress) } }
}

/// Counts how often owners were released, on whatever thread.
private final class Releases: Sendable {
    let all = Signal()
    private let expected: Int
    private let counter = Atomic(0)

    init(expected: Int) {
        self.expected = expected
    }

    var count: Int { counter.load(ordering: .sequentiallyConsistent) }

    func add() {
        if counter.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue == expected { all.set() }
    }
}

/// Foreign memory, as a tensor would lend it. Unchecked because of the pointer, which nobody writes through.
private final class Slab: @unchecked Sendable {
    private let memory: UnsafeMutableRawBufferPointer
    private let releases: Releases

    init(bytes: Int, _ releases: Releases) {
        memory = .allocate(byteCount: bytes, alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 1)
        self.releases = releases
    }

    deinit {
        memory.deallocate()
        releases.add()
    }

    func frame() -> Frame { Frame(unsafelyBorrowing: UnsafeRawBufferPointer(memory), from: self) }
}
