import Console
import Testing

/// Goal: the line says what is done and what is left, within the width that it is given.
@Suite struct ProgressLineTests {
    @Test func itHasABarAPaceAndTheTimeLeft() {
        let line = ProgressLine("denoising", total: 64)
        #expect(
            line.text(done: 32, elapsed: .seconds(64), width: 60)
                == "denoising ██████████░░░░░░░░░░ 32/64  2.0 s each  1:04 left")
        #expect(line.text(done: 64, elapsed: .seconds(3725), width: 200).hasSuffix("64/64  58 s each  took 1:02:05"))
    }

    @Test func nothingIsForetoldBeforeTheFirst() {
        #expect(ProgressLine("decoding", total: 7).text(done: 0, elapsed: .zero, width: 40).hasSuffix("░ 0/7"))
    }

    /// What an earlier run did says nothing of this one's pace.
    @Test func aContinuedRunCountsItsOwnTime() {
        let line = ProgressLine("denoising", total: 64, before: 60)
        #expect(line.text(done: 62, elapsed: .milliseconds(500), width: 80).hasSuffix("62/64  0.25 s each  0:01 left"))
    }

    @Test(arguments: 0...50) func itNeverIsTooWide(width: Int) {
        let line = ProgressLine("denoising", total: 64)
        #expect(line.text(done: 9, elapsed: .seconds(9), width: width).count <= width)
    }
}
