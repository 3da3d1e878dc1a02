import CZeroMQ
import Glibc

extension Socket {
    /// Applies all options; called once, before the socket binds or connects.
    borrowing func apply(_ options: SocketOptions) throws(SocketError) {
        try set("the sending high-water mark", ZMQ_SNDHWM, options.sendHighWater)
        try set("the receiving high-water mark", ZMQ_RCVHWM, options.receiveHighWater)
        try set("the largest frame", ZMQ_MAXMSGSIZE, bytes: options.maxFrameBytes)
        if let interval = options.heartbeatInterval {
            try set("the heartbeat interval", ZMQ_HEARTBEAT_IVL, interval)
            try set("the heartbeat timeout", ZMQ_HEARTBEAT_TIMEOUT, options.heartbeatTimeout)
            try set("the heartbeat lifetime", ZMQ_HEARTBEAT_TTL, options.heartbeatLifetime)
        }
        try set("the keep-alive", ZMQ_TCP_KEEPALIVE, 1)
        try set("the keep-alive's start in seconds", ZMQ_TCP_KEEPALIVE_IDLE, 10)
        try set("the keep-alive's interval in seconds", ZMQ_TCP_KEEPALIVE_INTVL, 5)
        try set("the keep-alive's count", ZMQ_TCP_KEEPALIVE_CNT, 3)
        try set("the handshake timeout", ZMQ_HANDSHAKE_IVL, options.handshakeTimeout)
        try set("the reconnection interval", ZMQ_RECONNECT_IVL, options.reconnectInterval)
        try set("the longest reconnection interval", ZMQ_RECONNECT_IVL_MAX, options.reconnectMaximum)
        try set("sending only to connected peers", ZMQ_IMMEDIATE, options.onlyToConnectedPeers ? 1 : 0)
        try set("the linger time", ZMQ_LINGER, options.linger)
        try set("the backlog", ZMQ_BACKLOG, options.backlog)
        try set("the I/O threads", ZMQ_AFFINITY, bits: options.ioThreads)
        try set("IPv6", ZMQ_IPV6, options.ipv6 ? 1 : 0)
        // Without it a router drops what it cannot deliver, silently.
        if kind == .router { try set("mandatory routing", ZMQ_ROUTER_MANDATORY, 1) }
        try apply(options.security)
    }

    /// For sockets inside the process, whose last messages nobody misses.
    borrowing func discardUnsentWhenClosed() throws(SocketError) {
        try set("the linger time", ZMQ_LINGER, 0)
    }

    private borrowing func apply(_ security: SocketOptions.Security) throws(SocketError) {
        switch security {
        case .plain: break
        case .curveServer(let keys, let domain):
            try set("the CURVE server role", ZMQ_CURVE_SERVER, 1)
            try set("the CURVE secret key", ZMQ_CURVE_SECRETKEY, bytes: keys.secretKey.bytes)
            try set("the authentication domain", ZMQ_ZAP_DOMAIN, bytes: Array(domain.utf8))
            // Without it a missing authenticator would mean that everybody is admitted.
            try set("enforcing the authentication domain", ZMQ_ZAP_ENFORCE_DOMAIN, 1)
        case .curveClient(let keys, let server):
            try set("the CURVE server's key", ZMQ_CURVE_SERVERKEY, bytes: server.bytes)
            try set("the CURVE public key", ZMQ_CURVE_PUBLICKEY, bytes: keys.publicKey.bytes)
            try set("the CURVE secret key", ZMQ_CURVE_SECRETKEY, bytes: keys.secretKey.bytes)
        }
    }

    private borrowing func set(_ name: String, _ option: Int32, _ value: Int) throws(SocketError) {
        var value = Int32(clamping: value)
        let status = zmq_setsockopt(handle, option, &value, MemoryLayout<Int32>.size)
        guard status == 0 else { throw .last(during: .setOption(name)) }
    }

    private borrowing func set(_ name: String, _ option: Int32, _ time: Duration) throws(SocketError) {
        try set(name, option, Int(time / .milliseconds(1)))
    }

    private borrowing func set(_ name: String, _ option: Int32, bytes count: Int) throws(SocketError) {
        var value = Int64(count)
        let status = zmq_setsockopt(handle, option, &value, MemoryLayout<Int64>.size)
        guard status == 0 else { throw .last(during: .setOption(name)) }
    }

    private borrowing func set(_ name: String, _ option: Int32, bits: UInt64) throws(SocketError) {
        var value = bits
        let status = zmq_setsockopt(handle, option, &value, MemoryLayout<UInt64>.size)
        guard status == 0 else { throw .last(during: .setOption(name)) }
    }

    private borrowing func set(_ name: String, _ option: Int32, bytes: [UInt8]) throws(SocketError) {
        guard zmq_setsockopt(handle, option, bytes, bytes.count) == 0 else { throw .last(during: .setOption(name)) }
    }
}
