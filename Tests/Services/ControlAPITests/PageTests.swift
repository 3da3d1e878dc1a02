import Control
import Dashboard
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import ControlAPI

/// Goal: the page is served as files that nothing can be smuggled into. What it does is tested in a browser, by
/// `ops/test-page`.
@Suite struct PageTests {
    @Test func everyFileIsServedWithItsPolicyAndKeptByItsTag() async throws {
        try await AskedFarm.with { asked in
            for file in Dashboard.files {
                let answer = try await asked.browse(.get, file.address, headers: [:])
                #expect(answer.status == .ok, "\(file.address)")
                #expect(answer.headers[.contentType] == file.contentType)
                #expect(answer.headers[.contentSecurityPolicy] == Dashboard.securityPolicy)
                #expect(answer.headers[.xContentTypeOptions] == "nosniff")
                #expect(Array(answer.body.readableBytesView) == file.bytes)
                let tag = try #require(answer.headers[.eTag])
                let again = try await asked.browse(.get, file.address, headers: [.ifNoneMatch: tag])
                #expect(again.status == .notModified)
                #expect(again.body.readableBytes == 0)
            }
        }
    }

    @Test func thePolicyLetsNothingRunThatIsNotAFile() {
        #expect(Dashboard.securityPolicy.contains("default-src 'none'"))
        #expect(Dashboard.securityPolicy.contains("require-trusted-types-for 'script'"))
        #expect(!Dashboard.securityPolicy.contains("unsafe"))
        #expect(!Dashboard.securityPolicy.contains("*"))
    }

    /// No script in the markup, no text that becomes markup, nothing from elsewhere, and no file that is missing.
    @Test func filesNeedNothingThatThePolicyForbids() throws {
        let addresses = Set(Dashboard.files.map(\.address))
        let markup = try Regex(
            "innerHTML|outerHTML|insertAdjacentHTML|document\\.write|eval\\(|new Function|javascript:")
        let elsewhere = try Regex("https?://(?!www\\.w3\\.org/2000/svg)")
        for file in Dashboard.files {
            let text = String(decoding: file.bytes, as: UTF8.self)
            #expect(!text.contains(markup), "\(file.address)")
            #expect(!text.contains(elsewhere), "\(file.address)")
            for match in text.matches(of: /"(?:\.|\/page)\/(\w+\.(?:js|css|svg))"/) {
                #expect(addresses.contains("/page/\(match.output.1)"), "\(file.address) names \(match.output.1)")
            }
        }
        let index = String(decoding: try #require(Dashboard.files.first).bytes, as: UTF8.self)
        #expect(!index.contains(try Regex("<script(?![^>]* src=)| style=| on[a-z]+=")))
    }

    @Test func aPageFromElsewhereIsNotServed() async throws {
        try await AskedFarm.with { asked in
            let answer = try await asked.browse(.get, "/", headers: [.origin: "http://evil.example"])
            #expect(answer.status == .forbidden)
            #expect(try await asked.browse(.get, "/page/..%2fmain.js", headers: [:]).status == .notFound)
        }
    }
}
