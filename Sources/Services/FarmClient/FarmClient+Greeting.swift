import AsyncHTTPClient
import Control
import Foundation
import NIOHTTP1

/// What a coordinator says of itself to anybody.
public struct FarmGreeting: Equatable, Sendable {
    /// As "StoryFarm/1"; nil where something else answers.
    public let server: String?
    /// Its clock, in whole seconds since 1970.
    public let time: Double?
    /// This machine's clock before and after, in seconds since 1970.
    public let asked: ClosedRange<Double>
    /// Where it is.
    public let url: String
}

extension FarmClient {
    public func greeting() async throws(FarmClientError) -> FarmGreeting {
        let url = try connection().url
        let before = Date().timeIntervalSince1970
        let response = try await response(to: .GET, "health")
        let after = Date().timeIntervalSince1970
        return FarmGreeting(
            server: response.headers.first(name: "Server"),
            time: response.headers.first(name: "Date").flatMap(Self.time),
            asked: min(before, after)...max(before, after), url: url)
    }

    /// As RFC 9110 has it: "Thu, 26 Nov 2026 08:00:00 GMT".
    static func time(_ text: String) -> Double? {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.date(from: text)?.timeIntervalSince1970
    }
}
