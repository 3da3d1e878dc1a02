import Control
import NIOHTTP1

extension FarmClient {
    /// The address of the farm's page with what lets one browser in, once and within two minutes.
    ///
    /// What lets it in is a fragment, which a browser keeps for itself: it stands in no server's log.
    public func pageLink() async throws(FarmClientError) -> String {
        let answer: SessionTicket = try await answer(to: .POST, "session/ticket")
        return "\(try connection().url)/#ticket=\(answer.ticket)"
    }
}
