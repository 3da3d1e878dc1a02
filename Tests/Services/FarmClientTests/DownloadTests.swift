import Control
import FarmStandIn
import Foundation
import Testing

@testable import FarmClient

/// Goal: a video is there whole or not at all. Method: a served file, and a file that is refused.
@Suite struct DownloadTests {
    private static let bytes = (0..<2_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }

    @Test func aVideoIsWrittenWholeWithItsProgress() async throws {
        try await withServedFarm { served in
            let client = try FarmClient(contentsOf: served.connectionFile)
            await served.farm.put(FarmStandIn.detail(1))
            let source = served.folder.appending(path: "source.mp4")
            let target = served.folder.appending(path: "out.mp4")
            await served.farm.put(try storedVideo(Self.bytes, at: source), of: 1)
            var seen: [Int] = []
            var totals: Set<Int?> = []
            let count = try await client.download(1, to: target.path) { done, total in
                seen.append(done)
                totals.insert(total)
            }
            #expect(count == Self.bytes.count)
            #expect(seen == seen.sorted())
            #expect(seen.last == count)
            #expect(totals == [count])
            #expect(FileManager.default.contents(atPath: target.path) == Data(Self.bytes))
        }
    }

    @Test func aSegmentIsAFileOfItsOwn() async throws {
        try await withServedFarm { served in
            let client = try FarmClient(contentsOf: served.connectionFile)
            await served.farm.put(FarmStandIn.detail(1))
            let source = served.folder.appending(path: "source.mp4")
            await served.farm.put(try storedVideo([1, 2, 3], at: source), of: 1, segment: 2)
            let target = served.folder.appending(path: "out.mp4").path
            #expect(try await client.download(1, segment: 2, to: target) == 3)
        }
    }

    @Test func whatIsRefusedLeavesTheOldFileAndNothingElse() async throws {
        try await withServedFarm { served in
            let client = try FarmClient(contentsOf: served.connectionFile)
            await served.farm.put(FarmStandIn.detail(1))
            let target = served.folder.appending(path: "out.mp4")
            try Data([9]).write(to: target)
            await #expect(throws: FarmClientError.self) { try await client.download(1, to: target.path) }
            #expect(FileManager.default.contents(atPath: target.path) == Data([9]))
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: served.folder.path).sorted() == [
                    "farm.json", "out.mp4",
                ])
        }
    }

    @Test func aFolderThatIsNotThereIsNamed() async throws {
        try await withServedFarm { served in
            let client = try FarmClient(contentsOf: served.connectionFile)
            await served.farm.put(FarmStandIn.detail(1))
            let source = served.folder.appending(path: "source.mp4")
            await served.farm.put(try storedVideo([1], at: source), of: 1)
            let target = "/nonexistent/out.mp4"
            await #expect(throws: FarmClientError.file(path: target, reason: "No such file or directory")) {
                try await client.download(1, to: target)
            }
        }
    }
}
