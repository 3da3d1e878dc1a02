/// Where a farm is asked, and the secret that lets one ask: the content of `farm.json`.
///
/// Who can read that file may do everything, so it is its owner's only.
public struct FarmConnection: Codable, Hashable, Sendable {
    /// As "http://127.0.0.1:8420".
    public var url: String
    /// Goes as a bearer token with every request.
    public var token: String
    /// A PEM file whose certificates are trusted instead of the system's; beside the connection file unless it says
    /// where.
    public var certificateAuthority: String?

    public init(url: String, token: String, certificateAuthority: String? = nil) {
        (self.url, self.token, self.certificateAuthority) = (url, token, certificateAuthority)
    }

    /// What a coordinator calls itself in the header Server: its name, and the version of what is asked and answered.
    public static let server = "StoryFarm/1"

    /// The header that names who submits.
    public static let userHeader = "StoryFarm-User"
}
