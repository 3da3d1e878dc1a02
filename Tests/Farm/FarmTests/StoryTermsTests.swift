import Farm
import Testing

/// Goal: which record a step needs, and which a segment has consumed. Method: every step of a short story.
@Suite struct StoryTermsTests {
    @Test func inStreamEveryStepNeedsTheRecordOfItsOwn() {
        let terms = terms(.stream, firstBlend: 0)
        #expect((0..<4).map { terms.source(at: $0) } == [0, 1, 2, 3])
        #expect(terms.read(before: 3) == 0..<3)
    }

    @Test func inFinalLatentSpaceBlendsOnceAndAtTheStart() {
        let terms = terms(.final, firstBlend: 0)
        #expect((0..<4).map { terms.source(at: $0) } == [4, nil, nil, nil])
        #expect(terms.read(before: 0).isEmpty && terms.read(before: 1) == 4..<5)
    }

    @Test func inFinalDenoisedSpaceEveryStepNeedsTheFinishedLatentsButTheFirst() {
        let terms = terms(.final, firstBlend: 1)
        #expect((0..<4).map { terms.source(at: $0) } == [nil, 4, 4, 4])
        // Consumed once, at step 1, however many steps are blended with it.
        #expect(terms.read(before: 1).isEmpty)
        #expect((2...4).allSatisfy { terms.read(before: $0) == 4..<5 })
    }

    @Test func withoutHandoffNothingIsNeeded() {
        let terms = terms(.none, firstBlend: 1)
        #expect((0..<4).allSatisfy { terms.source(at: $0) == nil && terms.read(before: $0).isEmpty })
    }

    private func terms(_ handoff: StoryTerms.Handoff, firstBlend: Int) -> StoryTerms {
        StoryTerms(
            submitter: Submitter(rawValue: "ann"), segmentCount: 2, steps: 4, handoff: handoff, firstBlend: firstBlend,
            model: "embedded", segmentTime: .seconds(1))
    }
}
