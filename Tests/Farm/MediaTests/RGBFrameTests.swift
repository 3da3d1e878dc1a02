import Media
import Testing

/// Goal: a decoder's floats become the bytes that NumPy would make of them.
struct RGBFrameTests {
    @Test func planesBecomeInterleavedPixels() {
        let planar: [Float] = [0, 0.2, 0.4, 0.6, 0.8, 1]  // R R, G G, B B
        let frame = RGBFrame(width: 2, height: 1, planar: planar.span)
        #expect(frame.pixels == [0, 102, 204, 51, 153, 255])
    }

    @Test func valuesAreRoundedToNearestAndClamped() {
        let planar: [Float] = [0.5 / 255, 1.5 / 255, 2.49 / 255, 2.51 / 255, -0.1, 1.1, .nan, .infinity, -.infinity]
        let frame = RGBFrame(width: 3, height: 1, planar: planar.span)
        #expect(frame.pixels == [0, 3, 0, 2, 0, 255, 2, 255, 0])
    }

    @Test func aFrameRateIsKeptInLowestTerms() {
        #expect(FrameRate(24, per: 2) == FrameRate(12))
        #expect("\(FrameRate(48_000, per: 2002))" == "24000/1001")
    }
}
