import Control
import FarmStandIn
import Foundation
import Testing

@testable import FarmClient

/// Goal: a doctor learns who answers and what time it is there, without a token being worth anything.
@Suite struct GreetingTests {
    @Test func aCoordinatorSaysWhoItIsAndItsTime() async throws {
        try await withServedFarm { served in
            let stranger = FarmClient(FarmConnection(url: served.connection.url, token: "of another run"))
            let greeting = try await stranger.greeting()
            #expect(greeting.server == FarmConnection.server)
            let time = try #require(greeting.time)
            // One clock on both sides, cut to a second by the server, which may look at it once a second.
            #expect(greeting.asked.lowerBound - time < 3 && time <= greeting.asked.upperBound)
        }
    }

    @Test func aDateOfHTTPIsRead() {
        #expect(FarmClient.time("Thu, 01 Jan 1970 00:01:40 GMT") == 100)
        #expect(FarmClient.time("yesterday") == nil)
    }
}
