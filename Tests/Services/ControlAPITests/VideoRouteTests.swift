import Control
import FarmStandIn
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import ControlAPI

/// Goal: a player can seek, a client can ask whether anything is new, and nobody gets parts of two versions.
@Suite struct VideoRouteTests {
    /// Longer than what is read from the disk at once.
    private static let bytes = (0..<600_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }

    private func withVideo(_ body: @Sendable (AskedFarm, URL) async throws -> Void) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString).mp4")
        defer { try? FileManager.default.removeItem(at: file) }
        try await AskedFarm.with { asked in
            await asked.farm.put(FarmStandIn.detail(1))
            await asked.farm.put(try storedVideo(Self.bytes, at: file, version: "v\"1"), of: 1)
            try await body(asked, file)
        }
    }

    @Test func theWholeVideoComesWithItsVersion() async throws {
        try await withVideo { asked, _ in
            let answer = try await asked.ask(.get, "/v1/stories/1/video")
            #expect(answer.status == .ok)
            #expect(Array(answer.body.readableBytesView) == Self.bytes)
            #expect(answer.headers[.contentType] == "video/mp4")
            #expect(answer.headers[.eTag] == "\"v1\"")
            #expect(answer.headers[.acceptRanges] == "bytes")
            let known = try await asked.ask(.get, "/v1/stories/1/video", headers: [.ifNoneMatch: "\"v0\", W/\"v1\""])
            #expect(known.status == .notModified)
            #expect(known.body.readableBytes == 0)
        }
    }

    @Test(arguments: [
        ("bytes=0-9", 0..<10), ("bytes=599990-", 599_990..<600_000), ("bytes=-5", 599_995..<600_000),
        ("bytes=100000-499999", 100_000..<500_000), ("bytes=599999-99999999999999999999", 599_999..<600_000),
    ])
    func partsAreServed(header: String, range: Range<Int>) async throws {
        try await withVideo { asked, _ in
            let answer = try await asked.ask(.get, "/v1/stories/1/video", headers: [.range: header])
            #expect(answer.status == .partialContent)
            #expect(Array(answer.body.readableBytesView) == Array(Self.bytes[range]))
            #expect(answer.headers[.contentRange] == "bytes \(range.lowerBound)-\(range.upperBound - 1)/600000")
        }
    }

    @Test func partsOfAnotherVersionAreNotServed() async throws {
        try await withVideo { asked, _ in
            let other = try await asked.ask(
                .get, "/v1/stories/1/video", headers: [.range: "bytes=0-9", .ifRange: "\"v0\""])
            #expect(other.status == .ok)
            let same = try await asked.ask(
                .get, "/v1/stories/1/video", headers: [.range: "bytes=0-9", .ifRange: "\"v1\""])
            #expect(same.status == .partialContent)
        }
    }

    @Test func aRangeBehindTheEndNamesTheLength() async throws {
        try await withVideo { asked, _ in
            for header in ["bytes=600000-", "bytes=-0", "bytes=99999999999999999999-"] {
                let answer = try await asked.ask(.get, "/v1/stories/1/video", headers: [.range: header])
                #expect(answer.status == .rangeNotSatisfiable, "\(header)")
                #expect(answer.headers[.contentRange] == "bytes */600000")
            }
        }
    }

    @Test(arguments: [
        "", "bytes", "bytes=", "bytes=-", "bytes=5-4", "bytes=0-1,4-5", "lines=0-1", "bytes=a-b", "bytes=+1-2",
    ])
    func whatMakesNoSenseIsIgnored(header: String) {
        #expect(ByteRange(header, of: 10) == .whole)
    }

    @Test func aVideoThatWasReplacedMeanwhileIsAskedForAgain() async throws {
        try await withVideo { asked, file in
            try Data([1, 2, 3]).write(to: file)
            #expect(try await asked.ask(.get, "/v1/stories/1/video").problem().status == 503)
            try FileManager.default.removeItem(at: file)
            let problem = try await asked.ask(.get, "/v1/stories/1/video").problem()
            #expect(problem.status == 503)
            #expect(!problem.detail.contains(file.path), "places on the disk are the coordinator's")
        }
    }

    @Test func segmentsHaveVideosAndPreviews() async throws {
        try await withVideo { asked, file in
            await asked.farm.put(
                StoredVideo(
                    path: file.path, byteCount: Self.bytes.count, version: "s2", segments: 1, isWholeStory: false),
                of: 1, segment: 2)
            #expect(try await asked.ask(.get, "/v1/stories/1/segments/2/video").headers[.eTag] == "\"s2\"")
            #expect(try await asked.ask(.get, "/v1/stories/1/segments/1/video").problem().status == 409)
            let preview = try await asked.ask(.get, "/v1/stories/1/segments/1/preview")
            #expect(preview.headers[.contentType] == "image/jpeg")
            #expect(Array(preview.body.readableBytesView) == FarmStandIn.picture)
            #expect(try await asked.ask(.get, "/v1/stories/1/segments/3/preview").problem().status == 404)
            let thumbnail = try await asked.ask(.get, "/v1/stories/1/segments/2/thumbnail")
            #expect(thumbnail.headers[.contentType] == "image/jpeg")
            let known: HTTPFields = [.ifNoneMatch: try #require(thumbnail.headers[.eTag])]
            let again = try await asked.ask(.get, "/v1/stories/1/segments/2/thumbnail", headers: known)
            #expect(again.status == .notModified)
            #expect(try await asked.ask(.get, "/v1/stories/1/segments/1/thumbnail").problem().status == 409)
        }
    }
}
