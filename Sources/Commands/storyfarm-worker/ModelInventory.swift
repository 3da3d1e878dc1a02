import CLIP
import Console
import Foundation
import Mochi
import Safetensors
import Script
import Torch

/// What a model consists of, for people and for programs.
struct ModelInventory: Encodable {
    struct Component: Encodable {
        let name: String
        let parameters: Int
        let bytes: Int
        let stored: [String]
        let files: [String]

        init(_ report: ComponentReport) {
            (name, parameters, bytes) = (report.name, report.parameterCount, report.byteCount)
            (stored, files) = (report.storedTypes.map(\.rawValue), report.files)
        }

        init(_ clip: CLIP, files: [String]) {
            (name, parameters, bytes) = ("CLIP", clip.parameterCount, clip.byteCount)
            (stored, self.files) = ([], files)
        }
    }

    let folder: String?
    let components: [Component]
    /// Text tokens of a prompt at most.
    let promptTokens: Int?
    /// What a model's makers recommend.
    let video: String?

    /// Loads everything in the folder, also what rendering does not need.
    init(of path: String) throws {
        let folder = try ModelFolder(path)
        let model = try MochiModel(folder)
        var components = model.components.map(Component.init)
        if let encoder = try folder.encoderReport() { components.append(Component(encoder)) }
        if FileManager.default.fileExists(atPath: "\(path)/clip") {
            do { components.append(Component(try CLIP(folder: "\(path)/clip"), files: ["clip/"])) } catch {
                if error.isBadInput { throw WrongInput("\(error)") }
                throw error
            }
        }
        self.folder = path
        self.components = components
        promptTokens = model.promptLength
        let settings = try ResolvedStory(recommendedBy: folder, for: model.geometry).settings
        let (video, sampling) = (settings.video, settings.sampling)
        self.video =
            "\(video.width)×\(video.height), \(video.frames) frames at \(video.framesPerSecond) fps, "
            + "\(sampling.steps) steps, VAE form \(model.settings.form.rawValue)"
    }

    private init(components: [Component]) {
        (folder, promptTokens, video) = (nil, nil, nil)
        self.components = components
    }

    /// The published Mochi-1, built without memory.
    static func published() throws -> ModelInventory {
        ModelInventory(components: try PublishedMochi.reports().map(Component.init))
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    func table() -> String {
        let total = Component.total(of: components)
        let rows = [["component", "parameters", "memory", "stored as", "files"]] + (components + [total]).map(\.row)
        var lines = Self.aligned(rows)
        if let promptTokens { lines += ["", "prompts   up to \(promptTokens) tokens"] }
        if let video { lines.append("default   \(video)") }
        return lines.joined(separator: "\n")
    }

    /// Numbers to the right, words to the left.
    private static func aligned(_ rows: [[String]]) -> [String] {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return column == 1 || column == 2 ? space + cell : cell + space
            }.joined(separator: "  ").trimmingCharacters(in: .whitespaces)
        }
    }
}

extension ModelInventory.Component {
    private init(name: String, parameters: Int, bytes: Int) {
        (self.name, self.parameters, self.bytes, stored, files) = (name, parameters, bytes, [], [])
    }

    fileprivate static func total(of components: [Self]) -> Self {
        Self(
            name: "total", parameters: components.reduce(0) { $0 + $1.parameters },
            bytes: components.reduce(0) { $0 + $1.bytes })
    }

    fileprivate var row: [String] {
        let memory = bytes < 1_000_000_000 ? Double(bytes) / 1e6 : Double(bytes) / 1e9
        let unit = bytes < 1_000_000_000 ? "MB" : "GB"
        let names = files.count > 2 ? "\(files[0]) and \(files.count - 1) more" : files.joined(separator: ", ")
        return [
            name, Self.grouped(parameters), String(format: "%.1f ", memory) + unit, stored.joined(separator: ", "),
            names,
        ]
    }

    /// `10,027,677,744`.
    private static func grouped(_ number: Int) -> String {
        let digits = Array(String(number))
        return digits.enumerated().reduce(into: "") { text, item in
            if item.offset > 0, (digits.count - item.offset) % 3 == 0 { text += "," }
            text.append(item.element)
        }
    }
}

extension ResolvedStory {
    /// A story that leaves everything to the model.
    ///
    /// - Throws: `WrongInput` if the model can't make what its makers recommend.
    fileprivate init(recommendedBy folder: ModelFolder, for geometry: VideoGeometry) throws {
        let script = #"{"segments": [{"scene": "a place", "action": "an action"}]}"#
        let recommendations = try folder.recommendations()
        do throws(ScriptError) {
            let document = try ScriptDocument(parsing: Array(script.utf8), as: .json, file: "")
            self = try document.resolved(with: recommendations)
        } catch {
            throw WrongInput(error.description)
        }
        guard let file = folder.settingsFile else { return }
        let video = settings.video
        do throws(VideoSizeError) {
            _ = try geometry.latentShape(width: video.width, height: video.height, frames: video.frames)
        } catch {
            throw WrongInput("\(file): video: \(error)")
        }
    }
}
