import Foundation
import Safetensors
import Testing
import Torch

/// Goal: weights come from files without copies, stay alive as long as a tensor needs them, and mismatches say what
/// and where.
@Suite struct TensorSafetensorsTests {
    private let path = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)").path

    @Test func loadedTensorsLieInTheMappingAndOutliveTheFile() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Tensor.save(["w": Tensor([1, 2, 3, 4] as [Float], shape: [2, 2])], to: path)
        var view: Tensor?
        do {
            let file = try SafetensorsFile(path: path)
            let tensor = try Tensor.load("w", from: file, shape: [2, 2], dtypes: [.float32])
            let mapped = file.mapping.bytes
            let start = try #require(mapped.baseAddress)
            let address = try #require(try tensor.withUnsafeBytes { $0.baseAddress })
            #expect(address > start && address < start + mapped.count)
            view = try tensor.selected(0, 1)
        }
        try FileManager.default.removeItem(atPath: path)
        #expect(try view?.array() == [3, 4] as [Float])
    }

    @Test func everyDTypeSurvivesARoundTrip() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let values = try Tensor([0, 1, 2, 3, 100] as [Float], shape: [5])
        var tensors: [String: Tensor] = [:]
        for dtype in DType.allCases { tensors["\(dtype)"] = try values.converted(to: dtype) }
        tensors["strided"] = try values.reshaped([1, 5]).expanded(to: [2, 5]).transposed(0, 1)
        try Tensor.save(tensors, metadata: ["k": "v"], to: path)
        let archive = SafetensorsArchive(file: try SafetensorsFile(path: path))
        for (key, tensor) in tensors {
            let loaded = try Tensor.load(key, from: archive)
            #expect(loaded.dtype == tensor.dtype && loaded.shape == tensor.shape)
            #expect(try loaded.converted(to: .float64).array() == tensor.converted(to: .float64).array() as [Double])
        }
    }

    @Test func writingIntoALoadedTensorNeverReachesTheFile() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Tensor.save(["w": Tensor.ones([4])], to: path)
        let before = try Data(contentsOf: URL(filePath: path))
        try Tensor.load("w", from: SafetensorsFile(path: path)).copy(from: Tensor.zeros([4]))
        #expect(try Data(contentsOf: URL(filePath: path)) == before)
    }

    @Test func aTensorThatIsNotAlignedIsCopied() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let json =
            #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
            + #""f":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}"#
        var bytes = Data(withUnsafeBytes(of: UInt64(json.utf8.count).littleEndian) { Array($0) })
        bytes += Data(json.utf8) + Data([9]) + Data(withUnsafeBytes(of: Float(1.5)) { Array($0) })
        try bytes.write(to: URL(filePath: path))
        #expect(try Tensor.load("f", from: SafetensorsFile(path: path)).array() == [1.5] as [Float])
    }

    @Test func aMismatchNamesFileKeyExpectedAndFound() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Tensor.save(["w": Tensor.ones([2, 3], dtype: .bfloat16)], to: path)
        let file = try SafetensorsFile(path: path)
        let error = #expect(throws: LoadError.self) {
            try Tensor.load("w", from: file, shape: [3, 2], dtypes: [.float32, .bfloat16])
        }
        #expect(error?.description == "\(path): w: expected F32 or BF16 [3, 2], found BF16 [2, 3]")
    }
}
