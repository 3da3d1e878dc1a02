import CWire

/// The protobuf-c that this process runs with.
public enum WireLibrary {
    /// As "1.4.1".
    public static var version: String { String(cString: protobuf_c_version()) }
}
