import Media
import Transport
import Wire

extension Check {
    /// What all programs of a farm are linked to.
    public static func libraries() -> [Check] { [zeroMQ(), ok("protobuf-c", WireLibrary.version), encoder()] }

    private static func zeroMQ() -> Check {
        do {
            try TransportLibrary.requireCurve()
            return ok("libzmq", "\(TransportLibrary.version), with encryption (CURVE)")
        } catch {
            return fail(
                "libzmq", "\(TransportLibrary.version), without encryption (CURVE)",
                remedy: "install one that was built with libsodium: Debian's libzmq5")
        }
    }

    private static func encoder() -> Check {
        do {
            try MediaLibrary.requireEncoder()
            return ok("libavcodec", "\(MediaLibrary.version), with \(MediaLibrary.encoderName)")
        } catch {
            return fail(
                "libavcodec", "\(MediaLibrary.version), without \(MediaLibrary.encoderName): \(error)",
                remedy: "install one that was built with libx264: Debian's libavcodec59 or later")
        }
    }

    /// - Parameter version: as "3.40.1".
    public static func sqlite(_ version: String) -> Check {
        // Before 3.51.3 a write-ahead log could be damaged where two connections write or checkpoint at once.
        let isNew = !Version(version).isBelow(Version("3.51.3"))
        return ok("sqlite", isNew ? version : "\(version); before 3.51.3 it is safe because one connection does all")
    }
}

/// Numbers with points between them.
struct Version: Equatable {
    let numbers: [Int]

    init(_ text: String) { numbers = text.split(separator: ".").map { Int($0) ?? 0 } }

    func isBelow(_ other: Version) -> Bool { numbers.lexicographicallyPrecedes(other.numbers) }
}
