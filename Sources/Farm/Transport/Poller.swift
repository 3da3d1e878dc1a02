import CZeroMQ
import Glibc

/// The sockets and descriptors that one thread waits for; refilled before every wait, its memory reused.
struct Poller {
    private var items: [zmq_pollitem_t] = []

    mutating func removeAll() {
        items.removeAll(keepingCapacity: true)
    }

    /// The socket must stay open until the next `wait` has returned.
    mutating func add(_ socket: borrowing Socket, readable: Bool, writable: Bool) {
        let events = (readable ? ZMQ_POLLIN : 0) | (writable ? ZMQ_POLLOUT : 0)
        items.append(zmq_pollitem_t(socket: socket.handle, fd: 0, events: Int16(events), revents: 0))
    }

    /// Adds a descriptor to read from.
    mutating func add(_ descriptor: Int32) {
        items.append(zmq_pollitem_t(socket: nil, fd: descriptor, events: Int16(ZMQ_POLLIN), revents: 0))
    }

    func isReady(at index: Int) -> Bool { items[index].revents != 0 }

    /// Blocks until something is ready or `timeout` is over; nil waits without limit.
    mutating func wait(_ timeout: Duration?) throws(SocketError) {
        // Rounded up, or the last millisecond would be spent asking.
        let milliseconds = timeout.map { max(0, Int(($0 / .milliseconds(1)).rounded(.up))) } ?? -1
        while zmq_poll(&items, Int32(items.count), milliseconds) == -1 {
            guard zmq_errno() == EINTR else { throw .last(during: .poll) }
        }
    }
}
