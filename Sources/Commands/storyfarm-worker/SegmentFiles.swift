import Console
import Foundation

/// The files of a segment's run, checked before hours of work.
struct SegmentFiles {
    private let command: SegmentCommand
    private let files: [RunFile]

    init(_ command: SegmentCommand) {
        self.command = command
        let named: [(String, String?, RunFile.Use)] = [
            ("--output", command.output, .written), ("--save-latents", command.saveLatents, .written),
            ("--save-frames", command.saveFrames, .written), ("--save-embeddings", command.saveEmbeddings, .written),
            ("--save-boundary", command.saveBoundary, .written), ("--checkpoint", command.checkpoint, .written),
            ("--trace", command.trace, .written), ("--boundary", command.boundary, .read),
            ("--story", command.story, .read), ("--initial-latents", command.initialLatents, .read),
            ("--resume", command.resume, .read), ("--previews", command.previews, .folder),
        ]
        files = named.compactMap { name, path, use in path.map { RunFile(name: name, path: $0, use: use) } }
    }

    /// - Throws: `WrongInput` naming the option.
    func requireUsable() throws {
        let results = [
            command.output, command.saveLatents, command.saveFrames, command.saveEmbeddings, command.saveBoundary,
        ]
        guard results.contains(where: { $0 != nil }) else {
            throw WrongInput("there is nothing to write: give --output, --save-latents or another --save option")
        }
        if let output = command.output { try RunFile.requireVideoName(output) }
        for file in files { try file.requireUsable() }
        try RunFile.requireDifferent(files)
        if let checkpoint = command.checkpoint, command.resume.map(RunFile.place) != RunFile.place(checkpoint),
            FileManager.default.fileExists(atPath: checkpoint)
        {
            throw WrongInput(
                "--checkpoint is \(checkpoint), which exists: continue it with --resume \(checkpoint), or remove it")
        }
    }
}
