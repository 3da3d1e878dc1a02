import FoundationEssentials
import Testing

@testable import Safetensors

/// Goal: a sharded model is read as one, and its index can name nothing but its own shards.
@Suite struct SafetensorsArchiveTests {
    @Test func theShardsOfAnIndexAreOneArchive() throws {
        try withShards(index: #"{"weight_map":{"a":"m-1.safetensors","b":"m-2.safetensors"}}"#) { folder in
            let archive = try SafetensorsArchive(folder: folder, name: "m")
            #expect(archive.keys == ["a", "b"])
            #expect(archive.files.count == 2)
            #expect(try archive.file(holding: "b").path == "\(folder)/m-2.safetensors")
            #expect(throws: SafetensorsError.self) { try archive.file(holding: "c") }
        }
    }

    @Test func aSingleFileNeedsNoIndex() throws {
        try withShards(index: nil) { folder in
            #expect(try SafetensorsArchive(folder: folder, name: "m-1").keys == ["a"])
            let error = try #require(throws: SafetensorsError.self) {
                try SafetensorsArchive(folder: folder, name: "absent")
            }
            #expect(error.description.contains("absent.safetensors: No such file"))
        }
    }

    @Test(arguments: [
        "../m-1.safetensors", "/etc/m.safetensors", "sub/m-1.safetensors", "..", ".", "", "m-1.bin",
        "m-1.safetensors/../../x.safetensors", "m\\u0000.safetensors",
    ])
    func anIndexCannotLeaveItsFolder(name: String) throws {
        try withShards(index: #"{"weight_map":{"a":"\#(name)","b":"m-2.safetensors"}}"#) { folder in
            let error = try #require(throws: SafetensorsError.self) {
                try SafetensorsArchive(folder: folder, name: "m")
            }
            #expect(error.description.contains("expected the plain name of a .safetensors file"), "\(error)")
        }
    }

    @Test(arguments: [
        (#"{"weight_map":{"a":"m-1.safetensors","b":"m-3.safetensors"}}"#, "m-3.safetensors: No such file"),
        (#"{"weight_map":{"a":"m-1.safetensors"}}"#, ""),
        (#"{"weight_map":{"a":"m-2.safetensors","b":"m-2.safetensors"}}"#, "a: there is no such tensor"),
        (#"{"weight_map":{"b":"m-1.safetensors"}}"#, "a: expected what the index lists, found it nowhere"),
        (
            #"{"weight_map":{"a":"m-2.safetensors","b":"m-1.safetensors"}}"#,
            "expected what the index lists, found it in m-"
        ),
        (#"{"weight_map":["a"]}"#, "no index of shards"),
        (#"{}"#, "no index of shards"),
    ])
    func indexAndShardsMustAgree(index: String, says: String) throws {
        try withShards(index: index) { folder in
            if says.isEmpty {  // The shard that the index does not mention is not part of the archive.
                #expect(try SafetensorsArchive(folder: folder, name: "m").keys == ["a"])
                return
            }
            let error = try #require(throws: SafetensorsError.self) {
                try SafetensorsArchive(folder: folder, name: "m")
            }
            #expect(error.description.contains(says), "\(error)")
        }
    }

    /// `m-1` with `a`, `m-2` with `b`, and the index.
    private func withShards(index: String?, _ body: (String) throws -> Void) throws {
        try withFolder { folder in
            try write(["a": [1]], shape: [1], to: folder.path + "/m-1.safetensors")
            try write(["b": [2]], shape: [1], to: folder.path + "/m-2.safetensors")
            if let index {
                try Data(index.utf8).write(to: folder.appending(path: "m.safetensors.index.json"))
            }
            try body(folder.path)
        }
    }
}
