import Foundation
import Testing

@testable import NodeAgent

/// Goal: what workers write reaches people and collectors of logs in their form.
@Suite struct WorkerLineTests {
    @Test func anObjectOfALogGetsItsSlot() throws {
        let line = WorkerLine(slot: 3, text: #"{"time":"t","message":"a \"word\" }","segment":"2"}"#)
        let object = try #require(line.object)
        let members = try JSONSerialization.jsonObject(with: Data(object.utf8)) as? [String: String]
        #expect(members == ["slot": "3", "time": "t", "message": "a \"word\" }", "segment": "2"])
    }

    @Test(arguments: ["", "{", "{}", "plain", "[1]", #"{"message":1}"#, #"{"message":"cut"#, #"{"level":"info"}"#])
    func whatIsNoneStaysALine(_ text: String) {
        let line = WorkerLine(slot: 0, text: text)
        #expect(line.object == nil && line.prefixed == "[worker 0] \(text)")
        #expect(WorkerLine.message(of: text) == text)
    }

    @Test func theLastWordsOfAProcessAreThoseOfItsLog() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var log = WorkerLog(folder.appending(path: "worker.log").path)
        let object = #"{"level":"error","message":"Error: no folder"}"#
        try log.begin().write(contentsOf: Data("first\n\(object)\n".utf8))
        #expect(log.lines() == ["first", object])
        #expect(log.lastLine == "Error: no folder")
        // What goes to the farm as the end of a log is all of it.
        #expect(log.tail(bytesMax: 1000) == "first\n\(object)")
    }
}
