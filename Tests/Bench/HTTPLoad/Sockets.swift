import CEpoll
import Glibc

struct SystemError: Error {
    let call: String
    let code = errno
}

/// Checks what a system call gives.
func required(_ result: Int32, _ call: String) throws -> Int32 {
    guard result >= 0 else { throw SystemError(call: call) }
    return result
}

/// Of a clock that never goes back, in seconds.
func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Since 1970, in seconds.
func dateNow() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// What this process has used of the processors, in seconds.
func processorTime() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
}

/// A connection to this machine that is under way.
func connect(port: UInt16) throws -> Int32 {
    let descriptor = try required(
        socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0), "socket")
    var one: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let status = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    guard status == 0 || errno == EINPROGRESS else { throw SystemError(call: "connect") }
    return descriptor
}

/// Who waits for what, by number.
struct Poll: ~Copyable {
    private let descriptor: Int32
    private var ready = [epoll_event](repeating: epoll_event(), count: 256)

    init() throws { descriptor = try required(epoll_create1(0), "epoll_create1") }

    deinit { close(descriptor) }

    func watch(_ file: Int32, as number: Int) throws {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.u64 = UInt64(number)
        _ = try required(epoll_ctl(descriptor, EPOLL_CTL_ADD, file, &event), "epoll_ctl")
    }

    /// - Returns: the numbers of what can be read; waits for one, or until then.
    mutating func wait(until end: Double? = nil) -> [Int] {
        var left = timespec()
        if let end {
            let seconds = max(0, end - now())
            (left.tv_sec, left.tv_nsec) = (Int(seconds), Int((seconds - seconds.rounded(.down)) * 1e9))
        }
        let count =
            end == nil
            ? epoll_wait(descriptor, &ready, Int32(ready.count), -1)
            : epoll_pwait2(descriptor, &ready, Int32(ready.count), &left, nil)
        return count <= 0 ? [] : ready[..<Int(count)].map { Int($0.data.u64) }
    }
}
