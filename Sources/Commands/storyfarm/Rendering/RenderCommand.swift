import ArgumentParser
import Console
import Control
import DurableFile
import FarmClient
import Foundation
import Media
import Script

/// Renders a story on this machine, by a farm that lives as long as it takes.
struct RenderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render",
        abstract: "Renders a story on this machine: starts a farm, shows how it goes, writes the MP4.",
        discussion: """
            The same programs and the same way through them as on a large farm: a coordinator and workers, each a \
            process of its own, with keys made for this run. Segments are rendered at the same time where there are \
            several workers. All of it ends with this command, however that ends.
            """)

    @Argument(help: "The story script (YAML, or JSON).")
    var story: String
    @Option(name: .shortAndLong, help: "The MP4 to write; beside it lies a contact sheet, a row per segment.")
    var output: String
    @Option(help: "Worker processes.")
    var workers = 1
    @Option(help: "CPU threads of each worker; all cores shared among them without it.")
    var threads: Int?
    @Option(help: "The model's folder; STORYFARM_MODEL without it.")
    var model: String?
    @Option(help: "What to compute in: fp32 or bf16.")
    var precision: String?
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Say one value otherwise, as blending.gamma=0.3.", valueName: "key=value"))
    var overrides: [String] = []
    @Option(help: ArgumentHelp("Only pretend to denoise, each step taking so long.", valueName: "50ms"))
    var simulatedStep: String?
    @Option(help: "Keep the farm's folder, with its logs, here; a temporary one without it.")
    var folder: String?
    @Flag(help: "Print links to the farm's page, and leave the farm open afterwards until Ctrl-C.")
    var stay = false

    func run() async throws {
        let document = try check()
        let place =
            folder ?? FileManager.default.temporaryDirectory.appending(path: "storyfarm-render-\(UUID())").path
        try FileManager.default.createDirectory(
            atPath: place, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { if folder == nil { try? FileManager.default.removeItem(atPath: place) } }
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let farm = LocalFarm(
            folder: place,
            crew: .init(
                workers: workers, threads: threads ?? max(1, cores / workers), model: try modelFolder(),
                precision: precision, simulatedStep: simulatedStep))
        let start = ContinuousClock.now
        do {
            try await render(document, on: farm)
        } catch {
            await farm.stop()
            throw error
        }
        await farm.stop()
        note("took \((ContinuousClock.now - start).formatted(digits: 1)) s")
    }

    private func check() throws -> ScriptDocument {
        guard 1...64 ~= workers else { throw WrongInput("--workers is \(workers), expected 1 to 64") }
        if let threads, !(1...1024 ~= threads) { throw WrongInput("--threads is \(threads), expected 1 to 1024") }
        guard output.hasSuffix(".mp4") else { throw WrongInput("--output is \(output), expected a name in .mp4") }
        let target = URL(fileURLWithPath: output).deletingLastPathComponent().path
        guard FileManager.default.isWritableFile(atPath: target) else {
            throw WrongInput("--output \(output): its folder can't be written")
        }
        do throws(ScriptError) { return try ScriptDocument(contentsOf: story, overrides: overrides) } catch {
            throw WrongInput(error.description)
        }
    }

    private func modelFolder() throws -> String {
        guard let model = model ?? ProcessInfo.processInfo.environment["STORYFARM_MODEL"] else {
            throw WrongInput("expected --model DIR, or STORYFARM_MODEL")
        }
        return model
    }

    private func render(_ document: ScriptDocument, on farm: LocalFarm) async throws {
        note("starting a coordinator and \(workers == 1 ? "a worker" : "\(workers) workers")")
        try await farm.start()
        await farm.begun()
        let options = try FarmOptions.parse(["--farm", farm.connectionFile])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await farm.keepAlive() }
            if stay { try await showPage(options) }
            try await follow(options)
            if stay {
                try await showPage(options)
                // Until Ctrl-C, or until the farm can't be kept alive.
                try await group.next()
            }
            group.cancelAll()
            // What ends because it is cancelled has not failed.
            while let result = await group.nextResult() {
                if case .failure(let error) = result, !(error is CancellationError) { throw error }
            }
        }
    }

    /// A link lets one browser in, within two minutes: there is one before and one after the rendering.
    private func showPage(_ options: FarmOptions) async throws {
        note("the farm's page: \(try await options.ask { try await $0.pageLink() })")
    }

    private func follow(_ options: FarmOptions) async throws {
        guard let bytes = FileManager.default.contents(atPath: story) else {
            throw WrongInput("\(story) can't be read")
        }
        let submission = StorySubmission(
            script: String(decoding: bytes, as: UTF8.self), name: URL(filePath: story).lastPathComponent,
            overrides: overrides, token: UUID().uuidString, allowsSimulation: simulatedStep != nil)
        let receipt = try await options.ask { try await $0.submit(submission) }
        try await StoryWatch(story: receipt.id, options: options).run()
        try await StoryFetch(story: receipt.id, segment: nil, output: output, options: options).run()
        try writeContactSheet(segments: receipt.segments)
    }

    /// A picture where people would rather look: six frames of each segment.
    private func writeContactSheet(segments: Int) throws {
        var reader = try VideoReader(output)
        var frames: [RGBFrame] = []
        while let frame = try reader.next() {
            frames.append(try frame.scaled(toWidth: min(frame.width, Self.stillWidth)))
        }
        let each = frames.count / max(1, segments)
        guard each > 0 else { return }
        let rows = (0..<segments).map { segment in
            (0..<Self.stillsPerSegment).map { frames[segment * each + $0 * each / Self.stillsPerSegment] }
        }
        let picture = String(output.dropLast(4)) + ".png"
        try PartialFile.write(StillImage.encode(ContactSheet(rows: rows).frame(), as: .png), to: picture)
        print("\(picture) is its contact sheet, one row per segment")
    }

    private static let stillsPerSegment = 6
    private static let stillWidth = 192
}
