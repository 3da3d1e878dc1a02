import FoundationEssentials
import Testing

@testable import Safetensors

/// Goal: a safetensors file is either read exactly as the reference implementation wrote it, or refused with the file,
/// the key and the reason. Method: one file made by the reference implementation, and hand-made headers.
@Suite struct SafetensorsReadingTests {
    /// Written by safetensors 0.6 (Python, `safetensors.numpy.save`).
    static let reference =
        "yAAAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJucCJ9LCJhIjp7ImR0eXBlIjoiSTY0Iiwic2hhcGUiOlsyXSwiZGF0YV9vZmZz"
        + "ZXRzIjpbMCwxNl19LCJiIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsyLDNdLCJkYXRhX29mZnNldHMiOlsxNiw0MF19LCJjIjp7ImR0eXBl"
        + "IjoiVTgiLCJzaGFwZSI6WzNdLCJkYXRhX29mZnNldHMiOls0MCw0M119fSAgIAEAAAAAAAAA/v////////8AAAAAAACAPwAAAEAAAEBAAACA"
        + "QAAAoEABAgM="

    @Test func aFileOfTheReferenceImplementationIsReadExactly() throws {
        let bytes = try #require(Data(base64Encoded: Self.reference))
        try withFolder { folder in
            try bytes.write(to: folder.appending(path: "model.safetensors"))
            let file = try SafetensorsFile(path: folder.path + "/model.safetensors")
            #expect(file.header.metadata == ["format": "np"])
            #expect(file.header.entries.keys.sorted() == ["a", "b", "c"])
            #expect(values(Int64.self, "a", in: file) == [1, -2])
            #expect(values(Float.self, "b", in: file) == [0, 1, 2, 3, 4, 5])
            #expect(values(UInt8.self, "c", in: file) == [1, 2, 3])
            #expect(try file.entry("b").shape == [2, 3])
        }
    }

    /// Every header here lies; `says` is part of the reason that a person must see.
    @Test(arguments: [
        (#"[]"#, 0, "no JSON object"),
        (#"{"a":1}"#, 0, "no table of tensors"),
        (#"{"a":{"dtype":"F32","shape":[1]}}"#, 4, "no table of tensors"),
        (#"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#, 4, "no table of tensors"),
        (#"{"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}"#, 4, "no table of tensors"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]"#, 4, "no table of tensors"),
        (#"{"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}"#, 8, "found C64"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}"#, 8, "expected 4 bytes for F32 [1], found 8"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 4, "do not lie in the file"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4, "do not lie in the file"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#, 4, "do not lie in the file"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#, 4, "do not lie in the file"),
        (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4, "no memory can hold"),
        (#"{"a":{"dtype":"F32","shape":[4611686018427387904,2],"data_offsets":[0,4]}}"#, 4, "no memory can hold"),
        (#"{"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}}"#, 1, "over the limit of 8"),
        (
            #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"#
                + #""b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}"#,
            6, "overlaps"
        ),
        (
            #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"#
                + #""b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#,
            4, "overlaps"
        ),
        (
            #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
                + #""b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}"#,
            3, "hole"
        ),
        (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, 2, "its tensors end at byte"),
        (
            #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
                + #""a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#,
            2, "data|end at"
        ),
        (#"{}"#, 1, "its tensors end at byte"),
    ])
    func aLyingHeaderIsRefusedWithItsReason(json: String, dataByteCount: Int, says: String) throws {
        let bytes = file(json, dataByteCount: dataByteCount)
        let error = try #require(throws: SafetensorsError.self) { try parse(bytes) }
        #expect(says.split(separator: "|").contains { error.description.contains($0) }, "\(error)")
        #expect(error.description.hasPrefix("x.safetensors: "))
    }

    @Test func everyTruncationOfAGoodFileIsRefused() throws {
        let whole = [UInt8](try #require(Data(base64Encoded: Self.reference)))
        for length in 0..<whole.count {
            #expect(throws: SafetensorsError.self) { try parse(Array(whole.prefix(length))) }
        }
        _ = try parse(whole)
    }

    @Test func aHugeHeaderIsRefusedBeforeItIsRead() throws {
        for length in [UInt64(SafetensorsLimits.headerByteCount) + 1, .max] {
            let bytes = withUnsafeBytes(of: length.littleEndian) { Array($0) } + Array("{}".utf8)
            let error = try #require(throws: SafetensorsError.self) { try parse(bytes) }
            #expect(error.description.contains("over the limit of 1048576"))
        }
    }

    @Test func deeplyNestedJSONIsRefusedWithoutOverflowingTheStack() throws {
        let nested = #"{"a":"# + String(repeating: "[", count: 400_000) + "}"
        #expect(throws: SafetensorsError.self) { try parse(file(nested, dataByteCount: 0)) }
    }

    @Test func scalarsAndEmptyTensorsAreTensors() throws {
        let json =
            #"{"e":{"dtype":"F32","shape":[0,3],"data_offsets":[0,0]},"#
            + #""s":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}"#
        let header = try parse(file(json, dataByteCount: 4))
        #expect(header.entries["e"]?.shape == [0, 3])
        #expect(header.entries["s"]?.byteRange.count == 4)
    }

    @Test func anEntryOfAnotherShapeOrTypeNamesFileKeyExpectedAndFound() throws {
        try withFolder { folder in
            let path = folder.path + "/m.safetensors"
            try write(["w": [1, 2, 3, 4, 5, 6]], shape: [2, 3], to: path)
            let file = try SafetensorsFile(path: path)
            var error = try #require(throws: SafetensorsError.self) { try file.entry("w", shape: [3, 2]) }
            #expect(error.description == "\(path): w: expected F32 [3, 2], found F32 [2, 3]")
            error = try #require(throws: SafetensorsError.self) {
                try file.entry("w", shape: [2, 3], elementTypes: [.bfloat16, .float16])
            }
            #expect(error.description == "\(path): w: expected BF16 or F16 [2, 3], found F32 [2, 3]")
            error = try #require(throws: SafetensorsError.self) { try file.entry("v") }
            #expect(error.description == "\(path): v: there is no such tensor")
        }
    }

    @Test func whatIsNoReadableFileSaysWhy() throws {
        try withFolder { folder in
            var error = try #require(throws: SafetensorsError.self) {
                try SafetensorsFile(path: folder.path + "/nothing.safetensors")
            }
            #expect(error.description.hasSuffix("No such file or directory"))
            error = try #require(throws: SafetensorsError.self) { try SafetensorsFile(path: folder.path) }
            #expect(error.description.hasSuffix("not a regular file"))
            try Data().write(to: folder.appending(path: "empty"))
            error = try #require(throws: SafetensorsError.self) { try SafetensorsFile(path: folder.path + "/empty") }
            #expect(error.description.contains("not a safetensors file"))
        }
    }
}
