import Control
import Farm
import Testing
import Wire

/// Goal: a story is rendered alike, whether it came before its model's first worker or after it.
/// Method: a model that recommends other steps and another hand-off than what is built in.
@Suite(.timeLimit(.minutes(5))) struct LateDefaultsTests {
    private static let grand = Message.Model(
        name: "grand", digest: ScriptedWorker.digest(of: [9]),
        settings: #"{"name": "grand", "sampling": {"steps": 5}, "blending": {"handoff": "final", "gamma": 0.5}}"#,
        weightBytes: 1)
    private static let script = """
        model: grand
        video: { width: 96, height: 64, frames: 7, fps: 12 }
        segments: [{ scene: a, action: b }, { scene: c, action: d }]
        """

    @Test(arguments: [false, true])
    func whatAStoryLeftOpenIsSettledByTheFirstOffer(_ isRestarted: Bool) async throws {
        try await withHome { home in
            try await home.open { farm in
                try await farm.submit(Self.script)
                let story = try await farm.control.story(1)
                #expect(story.awaitsDefaults)
                #expect(story.steps == 64)
                try await farm.control.command(.revise(segment: 2, scene: nil, action: "e", seed: nil), on: 1)
                if !isRestarted { try await render(farm) }
            }
            if isRestarted { try await home.open { farm in try await render(farm) } }
            try await home.open { farm in
                // From here on the model is known.
                try await farm.submit(Self.script)
                let (first, second) = (try await farm.control.story(1), try await farm.control.story(2))
                #expect(!first.awaitsDefaults && !second.awaitsDefaults)
                #expect(first.script.replacing("\"e\"", with: "\"d\"") == second.script)
                #expect(second.steps == 5)
            }
        }
    }

    private func render(_ farm: OpenFarm) async throws {
        let worker = try ScriptedWorker(farm.home, models: [Self.grand])
        try await worker.join(farm)
        try await farm.withWorkers(worker) { try await farm.story(1, was: "finished") }
        let story = try await farm.control.story(1)
        #expect(story.steps == 5)
        #expect(story.segments[1].action == "e")
        // It read the finished latents' boundary, as its model recommends.
        let second = SegmentID(story: StoryID(rawValue: 1), number: 2)
        #expect(await worker.read[second]?.keys.sorted() == [5])
    }

    @Test func aStoryThatContradictsItsModelFailsWithTheReason() async throws {
        try await withFarm { farm in
            try await farm.submit(Self.script + "\nblending: { strength: path }")
            let worker = try ScriptedWorker(farm.home, models: [Self.grand])
            try await worker.join(farm)
            try await farm.story(1, was: "failed")
            let note = try await farm.control.story(1).overview.note ?? ""
            #expect(note.contains("blending.gamma"), "\(note)")
        }
    }
}
