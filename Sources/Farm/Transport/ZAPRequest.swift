/// What libzmq asks before it admits a client (ZeroMQ RFC 27). Parsing is total: anything else is nil.
struct ZAPRequest: Equatable {
    let id: [UInt8]
    let domain: String
    let address: String
    /// Nil when the client uses another mechanism than CURVE.
    let key: CurvePublicKey?

    init?(_ frames: [[UInt8]]) {
        guard frames.count >= 6, frames[0] == Array("1.0".utf8), frames[1].count <= 255 else { return nil }
        id = frames[1]
        domain = String(decoding: frames[2], as: UTF8.self)
        address = String(decoding: frames[3], as: UTF8.self)
        let isCurve = frames.count == 7 && frames[5] == Array("CURVE".utf8)
        key = isCurve ? CurvePublicKey(frames[6]) : nil
    }
}

/// Which keys are admitted to which domain, and the name under which each then appears as `Multipart.userID`.
public struct AllowList: Hashable, Sendable {
    private var names: [String: [CurvePublicKey: String]] = [:]

    /// An empty list admits nobody.
    public init() {}

    /// Admits `key` to `domain` as `name`, for instance the name of a pool; replaces an earlier name.
    public mutating func admit(_ key: CurvePublicKey, as name: String, to domain: String) {
        // A User-Id travels as a metadata property of libzmq, whose text ends at the first zero byte.
        precondition(!name.isEmpty && !name.utf8.contains(0), "a key's name is not empty and has no zero byte")
        names[domain, default: [:]][key] = name
    }

    /// Takes `key` off every domain.
    public mutating func revoke(_ key: CurvePublicKey) {
        for domain in names.keys { names[domain]?[key] = nil }
    }

    /// The name of `key` in `domain`; nil if it is not admitted.
    public func name(of key: CurvePublicKey, in domain: String) -> String? { names[domain]?[key] }
}

/// The answer to a ZAP request.
enum ZAPReply: Equatable {
    case admitted(name: String)
    case refused
    case malformed

    init(to request: ZAPRequest?, by allowList: AllowList) {
        guard let request else {
            self = .malformed
            return
        }
        let name = request.key.flatMap { allowList.name(of: $0, in: request.domain) }
        self = name.map { .admitted(name: $0) } ?? .refused
    }

    /// Version, request id, status, text, user id, metadata.
    func frames(id: [UInt8]) -> [Frame] {
        let (status, text, user) =
            switch self {
            case .admitted(let name): ("200", "", name)
            case .refused: ("400", "not on the allow-list", "")
            case .malformed: ("500", "malformed request", "")
            }
        return [Array("1.0".utf8), id, Array(status.utf8), Array(text.utf8), Array(user.utf8), []].map { Frame($0) }
    }
}
