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

              storyfarm render ops/stories/demo.yaml --model ops/embedded-model/model --workers 2 -o corgi.mp4
            """)

    @Argument(help: "The story script (YAML, or JSON).", completion: .script)
    var story: String
    @Option(
        name: .shortAndLong, help: "The MP4 to write; beside it lies a contact sheet, a row per segment.",
        completion: .video)
    var output: String
    @Option(help: .setting(.workers))
    var workers = Configuration.current.integer(.workers)
    @Option(help: "CPU threads of each worker; all cores shared among them by default.")
    var threads: Int?
    @Option(help: .setting(.model, valueName: "folder"), completion: .directory)
    var model: String?
    @Option(help: .setting(.precision), completion: .setting(.precision))
    var precision: String?
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Say one value otherwise, as blending.gamma=0.3.", valueName: "key=value"))
    var overrides: [String] = []
    @Option(help: ArgumentHelp("Only pretend to denoise, each step taking so long.", valueName: "50ms"))
    var simulatedStep: String?
    @Option(help: "Keep the farm's folder, with its logs, here; a temporary one by default.", completion: .directory)
    var folder: String?
    @Flag(help: "Print links to the farm's page, and leave the farm open afterwards until Ctrl-C.")
    var stay = false
    @Flag(help: "JSON for programs: what happens, a line each, and in the end what was written.")
    var json = false
    @OptionGroup
    var configuration: ConfigurationOptions

    func run() async throws {
        let (document, model) = try check()
        let scratch =
            try folder == nil ? ScratchFolder(in: NSTemporaryDirectory(), kind: "storyfarm-render") : nil
        defer { scratch?.remove() }
        guard let place = folder ?? scratch?.path else { return }
        try FileManager.default.createDirectory(
            atPath: place, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let threads = threads ?? Configuration.current.optionalInteger(.threads)
        let farm = LocalFarm(
            folder: place,
            crew: .init(
                workers: workers, threads: threads ?? max(1, cores / workers), model: model,
                precision: precision ?? Configuration.current.optionalText(.precision), simulatedStep: simulatedStep))
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

    /// What is wrong is said before anything is started.
    private func check() throws -> (ScriptDocument, model: String) {
        try Setting.workers.check(workers)
        if let threads { try Setting.threads.check(threads) }
        if let precision { try Setting.precision.check(precision) }
        try VideoOutput.check(output)
        let model = try modelFolder()
        do throws(ScriptError) { return (try ScriptDocument(contentsOf: story, overrides: overrides), model) } catch {
            throw WrongInput(error.description)
        }
    }

    private func modelFolder() throws -> String {
        guard let model = model ?? Configuration.current.optionalText(.model) else {
            throw WrongInput(
                "expected --model FOLDER, or STORYFARM_MODEL; the model that ships with the sources is in "
                    + "ops/embedded-model/model")
        }
        var isFolder: ObjCBool = false
        let isThere = FileManager.default.fileExists(atPath: model, isDirectory: &isFolder)
        guard simulatedStep != nil || isThere else { throw WrongInput("--model \(model): there is no such folder") }
        guard simulatedStep != nil || isFolder.boolValue else { throw WrongInput("--model \(model) is no folder") }
        return model
    }

    private func render(_ document: ScriptDocument, on farm: LocalFarm) async throws {
        note("starting a coordinator and \(workers == 1 ? "a worker" : "\(workers) workers")")
        let overrides = try overrides(of: document, for: await farm.start())
        await farm.begun()
        let options = try FarmOptions.parse(["--farm", farm.connectionFile] + (json ? ["--json"] : []))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await farm.keepAlive() }
            group.addTask {
                if stay { try await showPage(options) }
                try await follow(options, overrides)
                if stay { try await showPage(options) }
            }
            // The farm is kept alive until the story is there. Where it can't be, nothing would ever come of it.
            try await group.next()
            // Until Ctrl-C, or until the farm can't be kept alive.
            if stay { try await group.next() }
            group.cancelAll()
        }
    }

    /// A link lets one browser in, within two minutes: there is one before and one after the rendering.
    private func showPage(_ options: FarmOptions) async throws {
        note("the farm's page: \(try await options.ask { try await $0.pageLink() })")
    }

    /// No other model will ever come: a story that wants one would wait for ever.
    private func overrides(of document: ScriptDocument, for model: String) throws -> [String] {
        guard let wanted = document.script.model else { return overrides + ["model=\(model)"] }
        guard wanted == model else {
            let reason = "is '\(wanted)', but the folder of --model holds '\(model)': --set model=\(model) takes that"
            throw WrongInput(document.error("model", reason).description)
        }
        return overrides
    }

    private func follow(_ options: FarmOptions, _ overrides: [String]) async throws {
        guard let bytes = FileManager.default.contents(atPath: story) else {
            throw WrongInput("\(story) can't be read")
        }
        let submission = StorySubmission(
            script: String(decoding: bytes, as: UTF8.self), name: URL(filePath: story).lastPathComponent,
            overrides: overrides, token: UUID().uuidString, allowsSimulation: simulatedStep != nil)
        let receipt = try await options.ask { try await $0.submit(submission) }
        do { try await StoryWatch(story: receipt.id, options: options).run() } catch let end as StoryEnd {
            // What the model can't do with a story is wrong with the story, and not with the farm.
            let news = try await options.ask { try await $0.log(of: receipt.id) }
            throw news.contains { $0.cause == "badInput" } ? WrongInput(end.description) : end
        }
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
        if !json { print("\(picture) is its contact sheet, one row per segment") }
    }

    private static let stillsPerSegment = 6
    private static let stillWidth = 192
}
