import Glibc
import Testing

/// A TCP port on which nobody listens, kept from others until `release`: it is bound but does not listen.
final class UnusedPort: Sendable {
    let endpoint: String
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        // So that it can be bound again at once after `release`.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = self.descriptor
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 ? getsockname(descriptor, address, &length) : -1
            }
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
