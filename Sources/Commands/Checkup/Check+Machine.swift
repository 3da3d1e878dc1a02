import Console
import Foundation
public import Glibc

extension Check {
    /// What a process of this machine may have open at once.
    public static func openFiles() -> Check {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return openFiles(limit: limit.rlim_cur > UInt(Int.max) ? Int.max : Int(limit.rlim_cur))
    }

    static func openFiles(limit: Int) -> Check {
        guard limit >= 4096 else {
            return warn(
                "open files", "\(limit) at most, enough for about \(limit / 4) workers",
                remedy: "raise it for the coordinator: ulimit -n 65536, or LimitNOFILE=65536 in its unit")
        }
        return ok("open files", limit == Int.max ? "without a limit" : "\(limit) at most")
    }

    // MARK: Clock

    /// Whether this machine's clocks can be right. Nothing in a farm is decided by the time of day; but logs of several
    /// machines are read side by side by it, and certificates and tokens end by it.
    public static func clock() -> Check {
        let steady = ContinuousClock.now
        return clock(now: Date().timeIntervalSince1970, isSteady: ContinuousClock.now >= steady)
    }

    /// Of this program: no clock that is right shows an earlier time.
    private static let release = 1_767_225_600.0

    /// - Parameters:
    ///   - now: in seconds since 1970.
    ///   - isSteady: whether the clock that all limits are measured by went on.
    static func clock(now: Double, isSteady: Bool) -> Check {
        guard isSteady else { return fail("clock", "the monotonic clock goes back", remedy: "restart the machine") }
        let date = Date(timeIntervalSince1970: now).formatted(.iso8601)
        guard now >= release else {
            return fail("clock", "says \(date)", remedy: "set it, by NTP: systemd-timesyncd or chrony")
        }
        return ok("clock", date)
    }

    /// - Parameters:
    ///   - theirs: what the other machine's clock said, in whole seconds since 1970.
    ///   - ours: when the question left and when the answer came.
    ///   - who: the other machine.
    public static func offset(theirs: Double, ours: ClosedRange<Double>, from who: String) -> Check {
        // Cut to a second, the other clock stood anywhere within that.
        let offset =
            theirs + 1 < ours.lowerBound ? theirs + 1 - ours.lowerBound : max(0, theirs - ours.upperBound)
        let name = "clock offset"
        guard abs(offset) >= 2 else { return ok(name, "less than 2 s from \(who)") }
        let words = Duration.seconds(abs(offset)).formatted(digits: 0) + " s"
        return warn(
            name, "this clock is \(words) \(offset > 0 ? "behind" : "ahead of") \(who)",
            remedy: "keep both right by NTP: logs and the ends of tokens and certificates depend on it")
    }

    // MARK: Ports

    /// Whether something could listen there.
    ///
    /// - Parameters:
    ///   - port: 0 for any, which is always to be had.
    ///   - family: of addresses; libzmq is given none but those of IPv4.
    public static func isFree(host: String, port: UInt16, as name: String, family: Int32 = AF_INET) -> Check {
        // libzmq also takes the name of an interface, and finds out its address itself.
        guard family != AF_INET || if_nametoindex(host) == 0 else {
            return ok(name, "port \(port) of interface \(host)")
        }
        var hints = addrinfo()
        (hints.ai_family, hints.ai_flags) = (family, AI_PASSIVE)
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host == "*" ? nil : host, "\(port)", &hints, &found)
        guard status == 0, let found else {
            let kind = family == AF_INET ? "address of IPv4" : "address"
            return fail(
                name, "\(host) is no \(kind): \(String(cString: gai_strerror(status)))",
                remedy: "name an address of this machine: ip address")
        }
        defer { freeaddrinfo(found) }
        let socket = socket(found.pointee.ai_family, found.pointee.ai_socktype, 0)
        defer { close(socket) }
        let place = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        var isOn: Int32 = 1
        // Without IPv6 there is no such socket.
        guard socket >= 0,
            setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &isOn, socklen_t(MemoryLayout<Int32>.size)) == 0,
            bind(socket, found.pointee.ai_addr, found.pointee.ai_addrlen) == 0, listen(socket, 1) == 0
        else {
            let remedy =
                errno == EADDRINUSE
                ? "see who listens there: ss -ltnp 'sport = :\(port)'" : "name an address of this machine: ip address"
            return fail(name, "\(place): \(String(cString: strerror(errno)))", remedy: remedy)
        }
        return ok(name, port == 0 ? "any free port of \(host)" : "\(place) can be listened on")
    }
}
