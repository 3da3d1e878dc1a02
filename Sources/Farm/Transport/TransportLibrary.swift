import CZeroMQ

/// The libzmq that this process runs with.
public enum TransportLibrary {
    /// As "4.3.4".
    public static var version: String {
        var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
        zmq_version(&major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }

    /// - Throws: `SocketError` naming what is missing, if this libzmq can't encrypt.
    public static func requireCurve() throws(SocketError) {
        _ = try CurveKeyPair.generate()
    }
}
