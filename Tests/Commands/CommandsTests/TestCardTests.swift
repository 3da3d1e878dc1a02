import Foundation
import Media
import Programs
import Testing

/// Goal: the test card goes through every library and arrives whole and in order; failures say what and leave nothing.
/// Method: the real program; the frame's number is read back from the pixels of the decoded video.
@Suite struct TestCardTests {
    @Test func everyFrameArrivesInItsPlace() throws {
        try withFolder { folder in
            let outcome = try Program(
                "storyfarm-worker", "test-card", "--segments", "3", "--frames", "7", "--fps", "24", "-o", "card.mp4",
                in: folder
            ).finish()
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output.contains("card.mp4: 3 segments, 21 frames of 192×128 at 24 fps"))

            var reader = try VideoReader(folder.path + "/card.mp4")
            let chapters = reader.information.chapters
            #expect(chapters.map(\.frames) == [0..<7, 7..<14, 14..<21])
            #expect(chapters.map(\.title) == (1...3).map { "test card — segment \($0)" })
            var numbers: [Int] = []
            while let frame = try reader.next() { numbers.append(number(in: frame)) }
            #expect(numbers == Array(0..<21))
            #expect(FileManager.default.fileExists(atPath: folder.path + "/card.png"))
            #expect(try leftovers(in: folder, besides: ["card.mp4", "card.png"]) == [])
        }
    }

    @Test(arguments: [
        (["--width", "63"], "--width is 63, expected an even number in 64...1920"),
        (["--segments", "0"], "--segments is 0, expected 1...100"),
        (["--device", "gpu"], "--device is gpu, expected cpu, cuda or cuda:N"),
        (["--output", "card.png"], "--output is card.png, expected a name in .mp4"),
        (["--output", "absent/card.mp4"], "nothing can be written into"),
        (["--nonsense"], "Unknown option '--nonsense'"),
    ])
    func wrongInputIsNamedAndHasAStatusOfItsOwn(arguments: [String], says: String) throws {
        try withFolder { folder in
            let option = arguments[0]
            let program =
                arguments.count == 1
                ? try Program("storyfarm-worker", "test-card", option, in: folder)
                : try Program("storyfarm-worker", "test-card", option, arguments[1], in: folder)
            let outcome = program.finish()
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains(says), "\(outcome.errors)")
            #expect(try leftovers(in: folder) == [])
        }
    }

    /// A folder of the target's name: found out only when the video is given its place.
    @Test func aFailureIsOneLineAndLeavesNothing() throws {
        try withFolder { folder in
            try FileManager.default.createDirectory(
                at: folder.appending(path: "card.mp4"), withIntermediateDirectories: false)
            let outcome = try Program(
                "storyfarm-worker", "test-card", "--segments", "1", "-o", "card.mp4", in: folder
            ).finish()
            #expect(outcome.status == 1)
            #expect(outcome.errors == "Error: cannot write card.mp4: Is a directory\n")
            #expect(try leftovers(in: folder, besides: ["card.mp4"]) == [])
        }
    }

    @Test func aDeviceThatIsNotThereIsOneLine() throws {
        try withFolder { folder in
            let outcome = try Program("storyfarm-worker", "test-card", "--device", "cuda:99", in: folder).finish()
            #expect(outcome.status == 1)
            #expect(outcome.errors.hasPrefix("Error: there is no device cuda:99: libtorch sees "))
            #expect(try leftovers(in: folder) == [])
        }
    }

    /// The drawing side fails in the middle; the encoding side must not wait for it.
    @Test func aFailureOfOneSideEndsTheOther() throws {
        try withFolder { folder in
            let program = try Program(
                "storyfarm-worker", "test-card", "--segments", "100", "--frames", "200", in: folder)
            _ = program.firstLine()
            let working = try #require(try leftovers(in: folder).first { $0.hasPrefix("storyfarm-") })
            try FileManager.default.removeItem(at: folder.appending(path: working))
            let outcome = program.finish()
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("No such file or directory"), "\(outcome.errors)")
        }
    }

    @Test(arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143))])
    func aSignalEndsWithItsStatusAndLeavesNothing(number: Int32, status: Int32) throws {
        try withFolder { folder in
            let program = try Program(
                "storyfarm-worker", "test-card", "--segments", "100", "--frames", "1000", in: folder)
            #expect(program.firstLine().hasPrefix("drawing 100 segments of 1000 frames"))
            program.send(number)
            let outcome = program.finish()
            #expect(outcome.status == status, "\(outcome.errors)")
            #expect(outcome.errors == (number == SIGINT ? "stopping; once more ends at once\n" : "stopping\n"))
            #expect(try leftovers(in: folder) == [])
        }
    }

    @Test(arguments: ["storyfarm", "storyfarm-worker"]) func doctorNamesTheLibraries(program: String) throws {
        try withFolder { folder in
            let outcome = try Program(program, "doctor", in: folder).finish()
            #expect(outcome.status == 0, "\(outcome.errors)")
            for library in ["libzmq", "protobuf-c", "libavcodec", "CURVE", "libx264"] {
                #expect(outcome.output.contains(library))
            }
        }
    }

    private func leftovers(in folder: URL, besides expected: Set<String> = []) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { !expected.contains($0) }
    }

    /// Sixteen squares along the lower edge, the highest bit on the left; white is 1.
    private func number(in frame: RGBFrame) -> Int {
        (0..<16).reduce(0) { number, bit in
            let column = frame.width * (2 * bit + 1) / 32
            let pixel = ((frame.height - 3) * frame.width + column) * 3
            return number * 2 + (frame.pixels[pixel + 1] > 127 ? 1 : 0)
        }
    }
}
