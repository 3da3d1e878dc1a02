import Foundation
import Glibc

/// Tells the service manager that started this process how far it is, where there is one that wants to know.
///
/// It is the protocol of systemd's `sd_notify(3)`: a datagram to the socket that `NOTIFY_SOCKET` names.
public struct ServiceNotice: Sendable {
    private let socketPath: String?

    public init() { self.init(socketPath: ProcessInfo.processInfo.environment["NOTIFY_SOCKET"]) }

    /// - Parameter socketPath: nil where there is nobody.
    init(socketPath: String?) { self.socketPath = socketPath }

    public func ready() { send("READY=1") }
    public func stopping() { send("STOPPING=1") }

    /// - Returns: whether somebody took it; nobody is waited for.
    @discardableResult
    func send(_ state: String) -> Bool {
        guard let socketPath, let (name, length) = Self.address(of: socketPath) else { return false }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = name
        let bytes = Array(state.utf8)
        let sent = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT), $0, length)
            }
        }
        return sent == bytes.count
    }

    /// A path, or with `@` in front a name in Linux's abstract space; nil for what can be neither.
    private static func address(of path: String) -> (sockaddr_un, socklen_t)? {
        guard path.hasPrefix("/") || path.hasPrefix("@") else { return nil }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        if name[0] == UInt8(ascii: "@") { name[0] = 0 } else { name.append(0) }
        let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
        guard name.count <= MemoryLayout<sockaddr_un>.size - offset else { return nil }
        withUnsafeMutableBytes(of: &address) { bytes in
            for (index, byte) in name.enumerated() { bytes[offset + index] = byte }
        }
        return (address, socklen_t(offset + name.count))
    }
}
