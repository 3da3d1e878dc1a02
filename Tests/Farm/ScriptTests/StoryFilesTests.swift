import Foundation
import Script
import Testing

/// Goal: the stories that come with the sources are sound, and the data set has the shape it claims.
@Suite struct StoryFilesTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().path + "/../../../ops/stories"
    private static let places = [
        "chicago": 12, "las-vegas": 12, "london": 13, "los-angeles": 13, "new-york-city": 12, "paris": 13,
        "san-francisco": 13, "washington-dc": 13,
    ]

    private func story(_ name: String) throws -> ResolvedStory {
        try ScriptDocument(contentsOf: "\(Self.folder)/\(name).yaml").resolved()
    }

    @Test func everyScriptIsSound() throws {
        let names = try FileManager.default.subpathsOfDirectory(atPath: Self.folder).filter { $0.hasSuffix(".yaml") }
        #expect(names.count == 18)
        for name in names { _ = try story(String(name.dropLast(5))) }
    }

    @Test func theStoriesOfTheEmbeddedModelAreItsSize() throws {
        #expect(try story("demo").segments.count == 4)
        for number in 1...8 {
            let story = try story("measure-\(number)")
            #expect(6...12 ~= story.segments.count)
            let video = story.settings.video
            #expect("\(video.width)×\(video.height)×\(video.frames)@\(video.framesPerSecond)" == "192×128×25@12")
            #expect(story.model == "embedded")
        }
    }

    @Test(arguments: places.keys.sorted())
    func eachPlaceHasItsSegments(place: String) throws {
        let story = try story("dataset/\(place)")
        #expect(story.segments.count == Self.places[place])
        let meets = story.segments.contains { $0.scene.contains(" meets ") }
        #expect(meets == (place != "new-york-city"))
    }

    @Test func allOthersFollowBySubstitution() throws {
        let output = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: output) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["\(Self.folder)/substitute", output.path]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let names = try FileManager.default.contentsOfDirectory(atPath: output.path)
        #expect(names.count == 32)
        var segments = 0
        for name in names {
            let place = name.prefix { $0 != "." }
            let script = try ScriptDocument(contentsOf: output.appending(path: name).path).script
            #expect(script.segments.count == Self.places[String(place)], "\(name)")
            segments += script.segments.count
        }
        #expect(segments == 404)
        // The validation stories are among them, as they are.
        for place in Self.places.keys {
            let own = try Data(contentsOf: URL(filePath: "\(Self.folder)/dataset/\(place).yaml"))
            let same = try names.filter { name in
                try name.hasPrefix("\(place).") && Data(contentsOf: output.appending(path: name)) == own
            }
            #expect(same.count == 1, "\(place)")
        }
    }

    @Test func whoCannotThrowKicks() throws {
        let park = try story("dataset/new-york-city").segments
        #expect(park[10].action == "a corgi dog is biting the ball")
        #expect(park[11].action == "a corgi dog is kicking the ball across the grass")
    }
}
