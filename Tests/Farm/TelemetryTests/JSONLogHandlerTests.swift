import Farm
import Foundation
import Logging
import Synchronization
import Testing

@testable import Telemetry

/// Goal: a machine reads the log: one object a line, with the same names everywhere. Method: whole lines.
@Suite struct JSONLogHandlerTests {
    private final class Lines: Sendable {
        private let text = Mutex("")

        var all: String { text.withLock { $0 } }

        func logger(_ provider: Logger.MetadataProvider? = nil) -> Logger {
            Logger(label: "storyfarm-test") { label in
                var handler = JSONLogHandler(
                    label: label, write: { line in self.text.withLock { $0 += line } },
                    now: { Date(timeIntervalSince1970: 1_769_847_300.25) })
                handler.metadataProvider = provider
                return handler
            }
        }
    }

    private let attempt = AttemptID(
        segment: SegmentID(story: StoryID(rawValue: 5), number: 2), lease: Lease(epoch: 3, number: 17),
        generation: Generation(rawValue: 1))

    @Test func aLineSaysWhenHowBadWhoWhatAndOfWhat() {
        let lines = Lines()
        lines.logger().error("attempt failed", metadata: .attempt(attempt).adding(["class": "hang"]))
        #expect(
            lines.all == #"{"time":"2026-01-31T08:15:00.250Z","level":"error","label":"storyfarm-test","#
                + #""message":"attempt failed","attempt":"3.17","class":"hang","segment":"2","story":"5"}"# + "\n")
    }

    @Test func storiesAndSegmentsHaveTheSameNamesWithoutAnAttempt() {
        #expect(Logger.Metadata.story(attempt.segment.story) == ["story": "5"])
        #expect(Logger.Metadata.segment(attempt.segment) == ["story": "5", "segment": "2"])
    }

    @Test func theLoggersOwnMetadataGoWithEveryLineAndTheNearestWins() {
        let lines = Lines()
        var logger = lines.logger(Logger.MetadataProvider { ["a": "provided", "b": "provided", "c": "provided"] })
        logger[metadataKey: "a"] = "own"
        logger[metadataKey: "b"] = "own"
        logger.info("x", metadata: ["b": "given"])
        #expect(lines.all.hasSuffix(#""message":"x","a":"provided","b":"given","c":"provided"}"# + "\n"))
    }

    @Test func whatEveryLineHasIsNotOverwritten() throws {
        let lines = Lines()
        lines.logger().info("x", metadata: ["message": "y", "time": "never"])
        #expect(lines.all.hasSuffix(#""message":"x","metadata.message":"y","metadata.time":"never"}"# + "\n"))
    }

    /// Method: what comes out is parsed by another reader, and has the same text in it.
    @Test func anyTextStaysOneLine() throws {
        let text = "a \"quoted\" \\ back\r\n\ttab \u{1} \u{1B}[31m \u{85}\u{2028} é 🦊 end"
        let lines = Lines()
        lines.logger().info("\(text)", metadata: ["list": ["x", "\(text)"], "map": ["k\n": "v"], "error": "\(text)"])
        #expect(lines.all.split(whereSeparator: \.isNewline).count == 1)
        let parsed = try JSONSerialization.jsonObject(with: Data(lines.all.utf8))
        let object = try #require(parsed as? [String: Any])
        #expect(object["message"] as? String == text)
        #expect(object["error"] as? String == text)
        #expect(object["list"] as? [String] == ["x", text])
        #expect(object["map"] as? [String: String] == ["k\n": "v"])
    }

    @Test func onlyWhatIsWantedIsWritten() {
        let lines = Lines()
        var logger = lines.logger()
        logger.logLevel = .warning
        logger.info("quiet")
        #expect(lines.all == "")
    }
}
