import Console
import Foundation
import Glibc

/// The files that a run reads and writes: whatever can be known about them before hours of work.
struct SegmentFiles {
    private struct File {
        let option: String
        let path: String
        let isWritten: Bool
    }

    private let command: SegmentCommand
    private let files: [File]

    init(_ command: SegmentCommand) {
        self.command = command
        let named: [(String, String?, Bool)] = [
            ("output", command.output, true), ("save-latents", command.saveLatents, true),
            ("save-frames", command.saveFrames, true), ("save-embeddings", command.saveEmbeddings, true),
            ("save-boundary", command.saveBoundary, true), ("checkpoint", command.checkpoint, true),
            ("trace", command.trace, true), ("boundary", command.boundary, false), ("story", command.story, false),
            ("initial-latents", command.initialLatents, false), ("resume", command.resume, false),
        ]
        files = named.compactMap { option, path, isWritten in
            path.map { File(option: option, path: $0, isWritten: isWritten) }
        }
    }

    /// - Throws: `WrongInput` naming the option.
    func requireUsable() throws {
        let results = [
            command.output, command.saveLatents, command.saveFrames, command.saveEmbeddings, command.saveBoundary,
        ]
        guard results.contains(where: { $0 != nil }) else {
            throw WrongInput("there is nothing to write: give --output, --save-latents or another --save option")
        }
        if let output = command.output, !output.hasSuffix(".mp4") || output.hasSuffix("/.mp4") || output == ".mp4" {
            throw WrongInput("--output is \(output), expected a name in .mp4")
        }
        for file in files where file.isWritten { try Self.requireWritable(file.option, file.path) }
        if let folder = command.previews { try Self.requireFolder("previews", folder) }
        try requireDifferent()
        if let checkpoint = command.checkpoint, command.resume.map(Self.place) != Self.place(checkpoint),
            FileManager.default.fileExists(atPath: checkpoint)
        {
            throw WrongInput(
                "--checkpoint is \(checkpoint), which exists: continue it with --resume \(checkpoint), or remove it")
        }
    }

    /// Two options may not name one file, but a run may keep its state where it is continued from.
    private func requireDifferent() throws {
        var owner: [String: String] = [:]
        for file in files + (command.previews.map { [File(option: "previews", path: $0, isWritten: true)] } ?? []) {
            guard let other = owner.updateValue(file.option, forKey: Self.place(file.path)) else { continue }
            guard other != "checkpoint" || file.option != "resume" else { continue }
            throw WrongInput("--\(other) and --\(file.option) are the same file, \(file.path)")
        }
    }

    static func requireWritable(_ option: String, _ path: String) throws {
        guard !path.isEmpty, !path.hasSuffix("/") else {
            throw WrongInput("--\(option) is '\(path)', expected the name of a file")
        }
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
            throw WrongInput("--\(option) is \(path), which is no regular file")
        }
        let folder = URL(filePath: path).resolvingSymlinksInPath().deletingLastPathComponent().path
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw WrongInput("--\(option) is \(path), but nothing can be written into \(folder)")
        }
    }

    static func requireFolder(_ option: String, _ path: String) throws {
        var status = stat()
        guard !path.isEmpty, stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFDIR else {
            throw WrongInput("--\(option) is '\(path)', expected a folder")
        }
        let exists = FileManager.default.fileExists(atPath: path)
        let folder = exists ? path : URL(filePath: path).deletingLastPathComponent().path
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw WrongInput("--\(option) is \(path), but nothing can be written into \(folder)")
        }
    }

    /// The same for every spelling of a path.
    private static func place(_ path: String) -> String {
        URL(filePath: path).standardizedFileURL.resolvingSymlinksInPath().path
    }
}
