import Control
import FarmStandIn
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import ControlAPI

/// Goal: the document says what there is, all of it and nothing else, in the forms that really come.
@Suite struct DocumentTests {
    private func routes() -> Set<String> {
        let listener = Listener.loopback(port: 0, owner: AccessToken(), tokens: nil)
        let farm = FarmStandIn()
        let router = ControlAPI.router(
            farm, FarmRecorder(farm), EventRounds(farm.board, keepAlive: .seconds(15)), StreamCount(limit: 1),
            SessionStore(), configuration: ControlConfiguration(connectionFile: "/dev/null"),
            observation: Observation(), listener: listener, audit: nil)
        return Set(router.routes.filter { $0.method != .head }.map { "\($0.method) \($0.path)" })
    }

    @Test func routesAndDocumentAreTheSame() {
        let documented = Endpoint.all.map { "\($0.method) \($0.path)" }
        #expect(Set(documented).count == documented.count)
        // But for what browsers show.
        #expect(Set(documented) == routes().filter { $0 != "GET /" && !$0.contains(" /page/") })
    }

    @Test func theDocumentIsServedToAnybody() async throws {
        try await AskedFarm.with { asked in
            let answer = try await asked.ask(.get, "/v1/openapi.json", headers: [.authorization: "none"])
            #expect(answer.status == .ok)
            let document = try answer.form(JSONValue.self)
            #expect(document == OpenAPIDocument.make())
            #expect(document["openapi"] == "3.1.0")
        }
    }

    /// What a `$ref` names is there.
    @Test func everyFormThatIsNamedIsThere() throws {
        func references(_ value: JSONValue) -> [String] {
            switch value {
            case .object(let object):
                object.flatMap { key, value in
                    if key == "$ref", case .text(let name) = value { [name] } else { references(value) }
                }
            case .list(let list): list.flatMap(references)
            case .null, .bool, .number, .text: []
            }
        }
        let names = references(OpenAPIDocument.make())
        #expect(names.count > 50)
        for name in Set(names) {
            #expect(Forms.all[name.replacing("#/components/schemas/", with: "")] != nil, "\(name)")
        }
    }

    @Test func answersHaveTheirForms() async throws {
        try await AskedFarm.with { asked async throws in
            var detail = FarmStandIn.detail(1)
            detail.pin = StoryDetail.Pin(model: "aa", device: "cpu", encoder: "x264", isSimulated: false)
            detail.overview.ended = 2.5
            detail.secondsLeft = 0.5
            detail.segments[0].secondsPerStep = 1.5
            detail.segments[0].worker = FarmStandIn.worker
            await asked.farm.put(detail)
            await asked.farm.say(.step, story: 1, segment: 1, "step", step: 1, steps: 8, seconds: 0.25)
            for (address, form) in [
                ("health", "Health"), ("queue", "QueueReport"), ("workers", "WorkerList"), ("stories", "StoryList"),
                ("stories?limit=1", "StoryList"), ("stories/1", "StoryDetail"), ("stories/1/log", "StoryLog"),
                ("stories/2", "Problem"), ("stories?limit=0", "Problem"),
            ] {
                let value = try await asked.ask(.get, "/v1/\(address)").form(JSONValue.self)
                #expect(JSONSchema.problems(of: value, as: form) == [], "\(address)")
            }
            for (address, form) in [("health/live", "Health"), ("health/ready", "HealthReport")] {
                let value = try await asked.ask(.get, "/\(address)").form(JSONValue.self)
                #expect(JSONSchema.problems(of: value, as: form) == [], "\(address)")
            }
            let receipt = try await asked.ask(.post, "/v1/stories", #"{"script": "x"}"#, headers: AskedFarm.ann)
            let value = try receipt.form(JSONValue.self)
            #expect(JSONSchema.problems(of: value, as: "StoryReceipt") == [])
        }
    }

    @Test func formsFindWhatIsWrong() {
        let one: JSONValue = ["status": 404, "code": "notFound", "detail": "x", "limit": ["name": 5, "value": 5]]
        #expect(JSONSchema.problems(of: one, as: "Problem") == [".limit.name is no string"])
        #expect(JSONSchema.problems(of: ["detail": "x"], as: "Problem").count == 2)
        let list: JSONValue = ["stories": [["id": 1]]]
        #expect(JSONSchema.problems(of: list, as: "StoryList").contains(".stories.0 has no title"))
    }
}

/// As much of JSON Schema as the forms use.
enum JSONSchema {
    static func problems(of value: JSONValue, as form: String) -> [String] {
        guard let schema = Forms.all[form] else { return ["no form \(form)"] }
        return problems(of: value, schema, at: "")
    }

    private static func problems(of value: JSONValue, _ schema: JSONValue, at place: String) -> [String] {
        if case .text(let reference)? = schema["$ref"] {
            return problems(of: value, as: reference.replacing("#/components/schemas/", with: "")).map { place + $0 }
        }
        if let constant = schema["const"], constant != value { return ["\(place) is not \(constant)"] }
        if case .list(let values)? = schema["enum"], !values.contains(value) {
            return ["\(place) is none of \(values)"]
        }
        if let types = types(of: schema), !types.contains(where: { fits(value, $0) }) {
            return ["\(place) is no \(types.joined(separator: " or "))"]
        }
        switch value {
        case .object(let object):
            var found: [String] = []
            if case .list(let required)? = schema["required"] {
                for case .text(let name) in required where object[name] == nil {
                    found.append("\(place) has no \(name)")
                }
            }
            for (name, value) in object {
                guard let schema = schema["properties"]?[name] ?? schema["additionalProperties"] else {
                    found.append("\(place).\(name) is not documented")
                    continue
                }
                found += problems(of: value, schema, at: "\(place).\(name)")
            }
            return found
        case .list(let list):
            guard let items = schema["items"] else { return [] }
            return list.enumerated().flatMap { problems(of: $1, items, at: "\(place).\($0)") }
        case .number(let number):
            if case .number(let least)? = schema["minimum"], number < least { return ["\(place) is below \(least)"] }
            if case .number(let most)? = schema["maximum"], number > most { return ["\(place) is above \(most)"] }
            return []
        case .null, .bool, .text: return []
        }
    }

    private static func types(of schema: JSONValue) -> [String]? {
        switch schema["type"] {
        case .text(let type)?: [type]
        case .list(let types)?: types.compactMap { if case .text(let type) = $0 { type } else { nil } }
        default: nil
        }
    }

    private static func fits(_ value: JSONValue, _ type: String) -> Bool {
        switch (type, value) {
        case ("object", .object), ("array", .list), ("string", .text), ("number", .number), ("boolean", .bool),
            ("null", .null):
            true
        case ("integer", .number(let number)): number == number.rounded()
        default: false
        }
    }
}
