import Foundation
import Programs

/// A farm's folder in a test, with a story that only pretends to be rendered.
struct FarmFolder {
    let root: URL

    var farm: URL { root.appending(path: "farm") }
    var connection: String { farm.appending(path: "farm.json").path }

    /// - Parameter handoff: stream or final.
    func story(segments: Int, steps: Int = 12, handoff: String = "stream") throws -> String {
        let list = (1...segments).map { "  - { scene: place \($0), action: a corgi dog walks \($0) times }" }
        let text = """
            title: Pretended
            video: { width: 96, height: 64, frames: 7, fps: 12 }
            sampling: { steps: \(steps), seed: 3 }
            blending: { handoff: \(handoff) }
            segments:
            \(list.joined(separator: "\n"))

            """
        let file = root.appending(path: "story.yaml")
        try Data(text.utf8).write(to: file)
        return file.path
    }

    /// The names of the story's finished latents, which hold their digests.
    func latents() -> [String] {
        let folder = farm.appending(path: "artifacts/latents/1").path
        return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    /// Processes that were given this folder, or another word, but for the one that starts them.
    func processes(of program: String, given word: String? = nil) -> [Int32] {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.compactMap { Int32($0) }.filter { process in
            guard let bytes = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") else { return false }
            let words = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            return words.first?.hasSuffix("/\(program)") == true && words.contains(word ?? farm.path)
        }
    }

    /// Until nobody of the farm lives any more, for ten seconds at most.
    func isDeserted() -> Bool {
        let end = ContinuousClock.now + .seconds(10)
        while .now < end {
            if processes(of: "storyfarm-worker").isEmpty, processes(of: "storyfarm-coordinator").isEmpty { return true }
            sched_yield()
        }
        return false
    }
}

func withFarmFolder(_ body: (FarmFolder) throws -> Void) throws {
    try withFolder { try body(FarmFolder(root: $0)) }
}
