import Glibc
import Testing

/// A TCP port on which nobody listens, kept from others until `release`: it is bound but does not listen.
final class UnusedPort: Sendable {
    let endpoint: String
    private let descriptor: Int32

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.descriptor = descriptor
        // So that it can be bound again at once after `release`.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in.loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = address.withPointer {
            bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
        }
        endpoint = "tcp://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
        try #require(status == 0)
    }

    deinit { close(descriptor) }

    /// Returns the endpoint for somebody to listen on.
    func release() -> String {
        shutdown(descriptor, Int32(SHUT_RDWR))
        return endpoint
    }
}

/// A TCP client that speaks no ZeroMQ.
final class Stranger: Sendable {
    private let descriptor: Int32

    init(connectedTo endpoint: String) throws {
        let port = try #require(endpoint.split(separator: ":").last.flatMap { UInt16($0) })
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.descriptor = descriptor
        var address = sockaddr_in.loopback(port: port)
        let status = address.withPointer { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        try #require(status == 0)
    }

    deinit { close(descriptor) }

    func write(_ text: String) {
        _ = text.withCString { send(descriptor, $0, text.utf8.count, Int32(MSG_NOSIGNAL)) }
    }

    func hangUp() {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }
}

extension sockaddr_in {
    fileprivate static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = port.bigEndian
        return address
    }

    fileprivate mutating func withPointer(_ body: (UnsafeMutablePointer<sockaddr>) -> Int32) -> Int32 {
        withUnsafeMutablePointer(to: &self) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) } }
    }
}
