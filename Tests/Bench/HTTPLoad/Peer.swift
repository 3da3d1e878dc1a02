import CEpoll
import Glibc

/// One connection, and what has come through it.
final class Peer {
    enum Role {
        /// Asks one question after the other.
        case asker
        case listener
    }

    let descriptor: Int32
    let role: Role
    /// When the question that is asked was due; nil while none is.
    var due: Double?
    private var bytes: [UInt8] = []
    /// Of a stream of events: whether its answer has begun.
    private(set) var isListening = false

    init(_ descriptor: Int32, _ role: Role) { (self.descriptor, self.role) = (descriptor, role) }

    deinit { close(descriptor) }

    /// - Returns: whether all of it was taken.
    func send(_ request: [UInt8]) -> Bool {
        Glibc.send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count
    }

    /// - Returns: whether the connection is still there.
    func receive(into space: UnsafeMutableRawBufferPointer, _ take: (UnsafeRawBufferPointer) -> Void) -> Bool {
        while true {
            let count = recv(descriptor, space.baseAddress, space.count, 0)
            if count < 0 { return errno == EAGAIN || errno == EINTR }
            if count == 0 { return false }
            take(UnsafeRawBufferPointer(rebasing: space[..<count]))
            if count < space.count { return true }
        }
    }

    // MARK: Answers

    /// - Returns: the status of an answer that is whole now.
    func takeAnswer(_ piece: UnsafeRawBufferPointer) -> Int? {
        bytes += piece
        guard let head = bytes.firstRange(of: Self.headEnd) else { return nil }
        let fields = String(decoding: bytes[..<head.lowerBound], as: UTF8.self)
        var length = 0
        for field in fields.split(separator: "\r\n") where field.lowercased().hasPrefix("content-length:") {
            length = Int(field.split(separator: ":")[1].drop { $0 == " " }) ?? 0
        }
        guard bytes.count >= head.upperBound + length else { return nil }
        bytes.removeAll(keepingCapacity: true)
        return Int(fields.dropFirst(9).prefix(3))
    }

    // MARK: Events

    /// - Returns: how many events begin in this piece, and when the last of them happened, in seconds since 1970.
    func takeEvents(_ piece: UnsafeRawBufferPointer) -> (count: Int, last: Double?) {
        if !isListening {
            bytes += piece
            guard bytes.firstRange(of: Self.headEnd) != nil else { return (0, nil) }
            isListening = bytes.starts(with: Array("HTTP/1.1 200".utf8))
            bytes = []
            return (0, nil)
        }
        return (Self.count(Self.event, in: piece), Self.lastTime(in: piece))
    }

    private static let headEnd = Array("\r\n\r\n".utf8)
    private static let event = Array("\ndata: {".utf8)
    private static let time = Array("\"time\":".utf8)

    private static func count(_ pattern: [UInt8], in piece: UnsafeRawBufferPointer) -> Int {
        var (count, start) = (0, 0)
        while let found = memmem(piece.baseAddress! + start, piece.count - start, pattern, pattern.count) {
            count += 1
            start = UnsafeRawPointer(found) - piece.baseAddress! + pattern.count
        }
        return count
    }

    private static func lastTime(in piece: UnsafeRawBufferPointer) -> Double? {
        var start = piece.count - time.count
        while start >= 0 {
            if memcmp(piece.baseAddress! + start, time, time.count) == 0 {
                let text = piece[(start + time.count)...].prefix { $0 == 0x2E || 0x30...0x39 ~= $0 }
                return Double(String(decoding: text, as: UTF8.self))
            }
            start -= 1
        }
        return nil
    }
}

extension Array where Element == UInt8 {
    fileprivate func firstRange(of pattern: [UInt8]) -> Range<Int>? {
        let found = withUnsafeBytes { bytes -> Int? in
            guard let base = bytes.baseAddress, let place = memmem(base, bytes.count, pattern, pattern.count) else {
                return nil
            }
            return UnsafeRawPointer(place) - base
        }
        return found.map { $0..<($0 + pattern.count) }
    }
}
