import Glibc

/// The sockets and descriptors that one thread waits for; refilled before every wait, its memory reused.
///
/// Instead of `zmq_poll`, which asks the kernel twice, it waits for the sockets' `ZMQ_FD`. That descriptor is
/// edge-triggered (zmq_getsockopt.adoc): `add` reads the socket's events immediately before the wait, and the owner
/// works on a socket until nothing is left to do before it adds it again.
struct Poller {
    private var items: [pollfd] = []
    private var isSomethingReady = false

    mutating func removeAll() {
        items.removeAll(keepingCapacity: true)
        isSomethingReady = false
    }

    /// Adds a socket; one that is ready already makes the next `wait` return at once.
    mutating func add(_ socket: borrowing Socket, readable: Bool, writable: Bool) throws(SocketError) {
        if try socket.isReady(readable: readable, writable: writable) { isSomethingReady = true }
        add(socket.descriptor)
    }

    /// Adds a descriptor to read from.
    mutating func add(_ descriptor: Int32) {
        items.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
    }

    func isReady(at index: Int) -> Bool { items[index].revents != 0 }

    /// Blocks until something may be ready or `timeout` is over; nil waits without limit.
    mutating func wait(_ timeout: Duration?) throws(SocketError) {
        // Rounded up, or the last millisecond would be spent asking.
        let limit = timeout.map { Int32(min(max(0, ($0 / .milliseconds(1)).rounded(.up)), 60_000)) } ?? -1
        while poll(&items, nfds_t(items.count), isSomethingReady ? 0 : limit) == -1 {
            guard errno == EINTR else { throw SocketError(.poll, code: errno) }
        }
    }
}
