import FoundationEssentials
import Testing

@testable import Safetensors

/// Goal: what is written is read back exactly, is the same for the same content, and appears whole or not at all.
@Suite struct SafetensorsWritingTests {
    @Test func whatIsWrittenIsReadBack() throws {
        try withFolder { folder in
            let path = folder.path + "/a.safetensors"
            try write(["x\"/é\n": [1, 2], "b": [3, 4]], shape: [2, 1], metadata: ["seed": "7"], to: path)
            let file = try SafetensorsFile(path: path)
            #expect(values(Float.self, "x\"/é\n", in: file) == [1, 2])
            #expect(values(Float.self, "b", in: file) == [3, 4])
            #expect(file.header.metadata == ["seed": "7"])
            #expect(try file.entry("b").byteRange.lowerBound % 8 == 0, "data starts aligned")
        }
    }

    @Test func aFileWithoutTensorsIsAFile() throws {
        try withFolder { folder in
            try SafetensorsWriter.write([], to: folder.path + "/none.safetensors")
            #expect(try SafetensorsFile(path: folder.path + "/none.safetensors").header.entries.isEmpty)
        }
    }

    @Test func wideTypesComeFirstSoThatAllAreAligned() throws {
        try withFolder { folder in
            let path = folder.path + "/a.safetensors"
            let bytes: [UInt8] = Array(repeating: 7, count: 24)
            try bytes.withUnsafeBytes { raw in
                func part(_ count: Int) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: raw[0..<count]) }
                try SafetensorsWriter.write(
                    [
                        .init(key: "a", elementType: .uint8, shape: [3], bytes: part(3)),
                        .init(key: "b", elementType: .bfloat16, shape: [1], bytes: part(2)),
                        .init(key: "c", elementType: .float64, shape: [2], bytes: part(16)),
                    ], to: path)
            }
            let file = try SafetensorsFile(path: path)
            for entry in file.header.entries.values {
                #expect(entry.byteRange.lowerBound % entry.elementType.byteCount == 0)
            }
        }
    }

    @Test func theSameContentGivesTheSameBytes() throws {
        try withFolder { folder in
            let tensors = Dictionary(uniqueKeysWithValues: (0..<50).map { ("key\($0)", [Float($0)]) })
            try write(tensors, shape: [1], metadata: ["b": "2", "a": "1"], to: folder.path + "/1")
            try write(tensors, shape: [1], metadata: ["a": "1", "b": "2"], to: folder.path + "/2")
            #expect(
                try Data(contentsOf: folder.appending(path: "1")) == Data(contentsOf: folder.appending(path: "2")))
        }
    }

    @Test func aFailureLeavesTheOldFileAndNoRest() throws {
        try withFolder { folder in
            let path = folder.path + "/target"
            // A folder in the way: the rename fails after everything was written.
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            #expect(throws: SafetensorsError.self) { try write(["a": [1]], shape: [1], to: path) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["target"])
            let error = try #require(throws: SafetensorsError.self) {
                try write(["a": [1]], shape: [1], to: folder.path + "/absent/file")
            }
            #expect(error.description.hasSuffix("No such file or directory"))
        }
    }
}
