import Console
import Foundation
import Mochi
import Script
import Storytelling

/// What is to be shown, in one of three ways: a prompt alone, a scene and an action, or a segment of a story.
enum SegmentRequest {
    case prompt(String)
    case pair(scene: String, action: String)
    case segment(Int, story: String)

    init(_ command: SegmentCommand) throws {
        switch (command.prompt, command.scene, command.action, command.story, command.segment) {
        case (let prompt?, nil, nil, nil, nil): self = .prompt(prompt)
        case (nil, let scene?, let action?, nil, nil): self = .pair(scene: scene, action: action)
        case (nil, nil, nil, let story?, let number?): self = .segment(number, story: story)
        default: throw WrongInput("expected --prompt, or --scene and --action, or --story and --segment")
        }
    }

    /// The story that this is, or is a part of.
    func document(_ overrides: [String]) throws(ScriptError) -> ScriptDocument {
        let name = "the options"
        switch self {
        case .segment(_, let story): return try ScriptDocument(contentsOf: story, overrides: overrides)
        case .pair(let scene, let action):
            return try ScriptDocument(
                parsing: Self.script(["segments": .list([.texts(["scene": scene, "action": action])])]), as: .json,
                file: name, overrides: overrides)
        case .prompt(let prompt):
            // Plain Mochi-1: one text, and neighbours that know nothing of each other.
            let script: [String: Part] = [
                "segments": .list([.texts(["scene": prompt, "action": prompt])]),
                "weighting": .texts(["prompt": "scene"]), "blending": .off,
            ]
            return try ScriptDocument(parsing: Self.script(script), as: .json, file: name, overrides: overrides)
        }
    }

    func number(in story: ResolvedStory) throws -> Int {
        guard case .segment(let number, let path) = self else { return 1 }
        guard 1...story.segments.count ~= number else {
            throw WrongInput("--segment is \(number), but \(path) has \(story.segments.count) segments")
        }
        return number
    }

    /// Texts that were given as options are checked before anything else is said of them.
    func requireTokens(_ tokenizer: PromptTokenizer) throws {
        switch self {
        case .prompt(let prompt): try Self.require(prompt, "--prompt", tokenizer)
        case .pair(let scene, let action):
            try Self.require(scene, "--scene", tokenizer)
            try Self.require(action, "--action", tokenizer)
        case .segment: break
        }
    }

    /// Also of what a story says, and of both prompts in one where they are joined.
    static func requireTokens(
        of texts: PromptPair<String>, _ prompting: SegmentRecipe.Prompting, _ tokenizer: PromptTokenizer
    ) throws {
        switch prompting {
        case .joined: try Self.require(texts.joined, "both prompts together", tokenizer)
        case .sceneOnly: try Self.require(texts.scene, "the scene", tokenizer)
        case .actionOnly: try Self.require(texts.action, "the action", tokenizer)
        case .weighted:
            try Self.require(texts.scene, "the scene", tokenizer)
            try Self.require(texts.action, "the action", tokenizer)
        }
    }

    static func require(_ text: String, _ name: String, _ tokenizer: PromptTokenizer) throws {
        do throws(MochiError) { _ = try tokenizer(text) } catch { throw WrongInput("\(name): \(error)") }
    }

    private enum Part: Encodable {
        case texts([String: String])
        case list([Part])
        case off

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .texts(let texts): try container.encode(texts)
            case .list(let parts): try container.encode(parts)
            case .off: try container.encode(false)
            }
        }
    }

    /// - Throws: never: texts always have a form in JSON.
    private static func script(_ parts: [String: Part]) throws(ScriptError) -> [UInt8] {
        do { return [UInt8](try JSONEncoder().encode(parts)) } catch {
            throw ScriptError(file: "the options", reason: "\(error)")
        }
    }
}
