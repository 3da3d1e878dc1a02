import ArgumentParser
import DurableFile
import Foundation
import Media
import Torch
import Wire

/// Renders a test card on the way that a story's frames take, and so shows that a machine's libraries work together.
struct TestCardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test-card",
        abstract: "Draws a moving test card and encodes it: shows that this machine's libraries work together.",
        discussion: """
            Every frame is drawn by libtorch, written to and mapped from a safetensors file, sent over an encrypted \
            ZeroMQ connection on loopback, checked, and encoded as H.264; the segments are joined without \
            re-encoding. Beside the MP4 lies a contact sheet (PNG) with one row per segment.
            """)

    @Option(name: .shortAndLong, help: "The MP4 to write.")
    var output = "test-card.mp4"
    @Option(help: "Number of segments, 1 to 100.")
    var segments = 4
    @Option(help: "Frames of one segment, 1 to 1000.")
    var frames = 25
    @Option(help: "Width in pixels, even, 64 to 1920.")
    var width = 192
    @Option(help: "Height in pixels, even, 64 to 1080.")
    var height = 128
    @Option(help: "Frames per second, 1 to 120.")
    var fps = 12
    @Option(help: "Where to draw: cpu or cuda:N.")
    var device = "cpu"
    @Option(help: "CPU threads of one operator.")
    var threads: Int?

    private static let segmentBytesMax = 512 << 20

    func validate() throws {
        func require(_ value: Int, _ name: String, in range: ClosedRange<Int>, isEven: Bool = false) throws {
            guard range.contains(value), !isEven || value % 2 == 0 else {
                throw ValidationError("--\(name) is \(value), expected \(isEven ? "an even number in " : "")\(range)")
            }
        }
        try require(segments, "segments", in: 1...100)
        try require(frames, "frames", in: 1...1000)
        try require(width, "width", in: 64...1920, isEven: true)
        try require(height, "height", in: 64...1080, isEven: true)
        try require(fps, "fps", in: 1...120)
        try require(threads ?? 1, "threads", in: 1...1024)
        // Frames travel as boundaries do, and are drawn in memory a segment at a time.
        guard width * height * 3 <= WireLimits.boundaryBytes else {
            throw ValidationError("--width × --height is \(width * height), expected at most 699050 pixels")
        }
        guard frames * width * height * 3 <= Self.segmentBytesMax else {
            throw ValidationError("--frames is \(frames), expected at most 512 MiB of pixels in a segment")
        }
        guard output.hasSuffix(".mp4") else { throw ValidationError("--output is \(output), expected a name in .mp4") }
        let folder = URL(filePath: output).deletingLastPathComponent().path
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw ValidationError("--output is \(output), but nothing can be written into \(folder)")
        }
        guard Device(device) != nil, device != "meta" else {
            throw ValidationError("--device is \(device), expected cpu, cuda or cuda:N")
        }
    }

    func run() async throws {
        let start = ContinuousClock.now
        let runtime = try Runtime.start()
        if let threads { try Runtime.setThreadCount(threads) }

        if case .cuda(let index)? = Device(device), index >= runtime.cudaDeviceCount {
            throw Failure("there is no device \(device): libtorch sees \(runtime.cudaDeviceCount) CUDA devices")
        }
        let folder = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        print("drawing \(segments) segments of \(frames) frames with libtorch \(runtime.loadedVersion) on \(device)")
        fflush(nil)  // Seen at once, also by a program that reads it.

        let card = TestCard(
            width: width, height: height, frameCount: segments * frames, device: Device(device) ?? .cpu)
        let studio = TestCardStudio(card: card, segments: segments, framesPerSegment: frames, folder: folder.path)
        let rendered = try await studio.render(at: FrameRate(fps))
        let story = StoryAssembly(
            segments: rendered.enumerated().map { .init(file: $1.file, title: "test card — segment \($0 + 1)") },
            metadata: VideoMetadata(title: "StoryFarm test card"), framesPerSegment: frames)
        let frameCount = try story.write(to: output)
        let sheet = ContactSheet(rows: rendered.map(\.stills)).frame()
        let picture = URL(filePath: output).deletingPathExtension().appendingPathExtension("png")
        try PartialFile.write(StillImage.encode(sheet, as: .png), to: picture.path)

        let seconds = (ContinuousClock.now - start) / .seconds(1)
        print("\(output): \(segments) segments, \(frameCount) frames of \(width)×\(height) at \(fps) fps")
        print("\(picture.relativePath): contact sheet, one row per segment")
        print("done in \(String(format: "%.1f", seconds)) s")
    }
}
