import CXXHash

/// The checksum that boundaries carry: XXH3, 64 bits, of the raw frame.
///
/// It finds what disks and memory change by accident, at the speed of memory; against forgery stands CURVE.
public enum Checksum {
    public static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        XXH3_64bits(bytes.baseAddress, bytes.count)
    }
}
