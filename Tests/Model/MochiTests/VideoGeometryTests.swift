import Testing
import Torch

@testable import Mochi

/// Goal: sizes that the model can't make are refused with those that it can; noise is of the stated seed.
@Suite struct VideoGeometryTests {
    private let published = VideoGeometry(channels: 12, framesPerLatent: 6, pixelsPerLatent: 8, patch: 2)

    @Test func thePublishedSizeHasItsLatents() throws {
        #expect(try published.latentShape(width: 848, height: 480, frames: 163) == [1, 12, 28, 60, 106])
        #expect(try published.latentShape(width: 16, height: 16, frames: 1) == [1, 12, 1, 2, 2])
    }

    @Test(arguments: [
        (0, 16, 1, "width is 0, expected a multiple of 16 up to 4096: 16"),
        (16, 24, 1, "height is 24, expected a multiple of 16 up to 4096: 16 or 32"),
        (-5, 16, 1, "width is -5, expected a multiple of 16 up to 4096: 16"),
        (5000, 16, 1, "width is 5000, expected a multiple of 16 up to 4096: 4096"),
        (16, 16, 84, "frames is 84, expected 6k + 1 up to 1537: 79 or 85"),
        (16, 16, 0, "frames is 0, expected 6k + 1 up to 1537: 1"),
        (16, 16, .max, "frames is \(Int.max), expected 6k + 1 up to 1537: 1537"),
    ])
    func otherSizesAreRefusedWithTheNearest(width: Int, height: Int, frames: Int, says: String) {
        let error = #expect(throws: VideoSizeError.self) {
            try published.latentShape(width: width, height: height, frames: frames)
        }
        #expect(error?.description == says)
    }

    /// The first number of the generator is published with it.
    @Test func seedsAreSplitmix64() throws {
        #expect(InitialNoise.splitmix64(0) == 0xE220_A839_7B1D_CDAF)
        #expect(InitialNoise.seed(story: 7, segment: 1) == InitialNoise.splitmix64(InitialNoise.splitmix64(7) &+ 1))
        func noise(segment: UInt64) throws -> [Float] {
            try InitialNoise.latents([1, 12, 2, 2, 2], story: 7, segment: segment).array()
        }
        let first = try noise(segment: 1)
        #expect(try noise(segment: 1) == first)
        #expect(try noise(segment: 2) != first)
    }
}
