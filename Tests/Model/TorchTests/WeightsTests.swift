import Foundation
import Safetensors
import Testing
import Torch

/// Goal: a model's weights are checked when it is loaded: none missing, none of another shape, none too many.
@Suite struct WeightsTests {
    private func withArchive(_ tensors: [String: Tensor], _ body: (SafetensorsArchive, String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Tensor.save(tensors, to: path)
        try body(SafetensorsArchive(file: SafetensorsFile(path: path)), path)
    }

    @Test func aScopeIsAPathOfNames() throws {
        try withArchive(["blocks.3.w": Tensor.ones([2])]) { archive, _ in
            let scope = Weights(archive).root / "blocks" / 3
            #expect(scope.prefix == "blocks.3.")
            let values: [Float] = try scope.tensor("w", [2]).array()
            #expect(values == [1, 1])
        }
    }

    @Test func whatIsMissingOrOfAnotherShapeIsNamed() throws {
        try withArchive(["a.w": Tensor.ones([2, 3])]) { archive, path in
            let weights = Weights(archive).root / "a"
            var error = #expect(throws: LoadError.self) { try weights.tensor("bias", [2]) }
            #expect(error?.description == "\(path): a.bias: there is no such tensor")
            error = #expect(throws: LoadError.self) { try weights.tensor("w", [3, 2]) }
            #expect(error?.description == "\(path): a.w: expected F32 or BF16 or F16 [3, 2], found F32 [2, 3]")
        }
    }

    @Test func integersAreNoWeights() throws {
        try withArchive(["w": Tensor.ones([2], dtype: .int64)]) { archive, _ in
            let error = #expect(throws: LoadError.self) { try Weights(archive).root.tensor("w", [2]) }
            #expect(error?.description.contains("found I64 [2]") == true)
        }
    }

    @Test func aKeyTooManyIsNamedUnlessItIsIgnored() throws {
        try withArchive(["w": Tensor.ones([2]), "x": Tensor.ones([1])]) { archive, path in
            let weights = Weights(archive)
            _ = try weights.root.tensor("w", [2])
            let error = #expect(throws: LoadError.self) { try weights.requireAllTaken() }
            #expect(error?.description == "\(path): x: this model has no such weight: one key too many")
            try weights.requireAllTaken(ignoring: ["x"])
        }
    }

    @Test func weightsAreCountedOnceInTheTypeThatTheyHave() throws {
        try withArchive(["w": Tensor.ones([2, 3])]) { archive, _ in
            let weights = Weights(archive, dtype: .bfloat16)
            let dtype = try weights.root.tensor("w", [2, 3]).dtype
            #expect(dtype == .bfloat16)
            _ = try weights.root.tensor("w", [2, 3])
            #expect(weights.parameterCount == 6)
            #expect(weights.byteCount == 12)
        }
    }

    /// fp16 overflows where these networks' activations do not.
    @Test func halfPrecisionBecomesFullUnlessAskedOtherwise() throws {
        try withArchive(["w": Tensor.ones([2], dtype: .float16)]) { archive, _ in
            let kept = try Weights(archive).root.tensor("w", [2])
            #expect(kept.dtype == .float32)
            let narrow = Weights(archive, dtype: .bfloat16).root
            let (narrowed, exempt) = (try narrow.tensor("w", [2]), try narrow.tensor("w", [2], dtype: .float32))
            #expect(narrowed.dtype == .bfloat16 && exempt.dtype == .float32)
        }
    }

    @Test func randomWeightsAreSmallAndOfEverySize() throws {
        let weights = try Weights(randomOf: .bfloat16, on: .cpu).root
        let large = try weights.tensor("large", [3, 500_000])
        #expect(large.dtype == .bfloat16 && large.shape == [3, 500_000])
        let deviation = try large.converted(to: .float32).standardDeviation().item()
        #expect(0.019...0.021 ~= deviation)
        let exempt = try weights.tensor("small", [2], dtype: .float32)
        #expect(exempt.dtype == .float32)
    }

    @Test func aLayoutSaysWhereWeightsAreStored() throws {
        try withArchive(["fused": Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [6, 1])]) { archive, path in
            let weights = Weights(archive) { name in
                switch name {
                case "second": return StoredWeight(key: "fused", parts: [1], of: 3)
                case "swapped": return StoredWeight(key: "fused", parts: [1, 0], of: 2)
                default: return StoredWeight(key: name)
                }
            }
            #expect(try weights.root.tensor("second", [2, 1]).array() == [3, 4] as [Float])
            #expect(try weights.root.tensor("swapped", [6, 1]).array() == [4, 5, 6, 1, 2, 3] as [Float])
            try weights.requireAllTaken()
            #expect(weights.parameterCount == 8)
            let error = #expect(throws: LoadError.self) { try weights.root.tensor("second", [3, 1]) }
            #expect(error?.description == "\(path): fused: expected F32 or BF16 or F16 [9, 1], found F32 [6, 1]")
        }
    }

    @Test func layersComputeInTheTypeOfTheirWeights() throws {
        try withArchive(["weight": Tensor.ones([2, 3], dtype: .bfloat16), "bias": Tensor.ones([2], dtype: .bfloat16)]) {
            archive, _ in
            let linear = try Linear(3, 2, weights: Weights(archive).root)
            let y = try linear(Tensor([1, 2, 3] as [Float], shape: [1, 3]))
            #expect(y.dtype == .bfloat16)
            #expect(try y.converted(to: .float32).array() == [7, 7] as [Float])
        }
    }

    @Test func aLayerNormNormalisesInFullPrecision() throws {
        try withArchive([
            "weight": Tensor([2, 2] as [Float], shape: [2]), "bias": Tensor([1, 1] as [Float], shape: [2]),
        ]) {
            archive, _ in
            let norm = try LayerNorm(2, epsilon: 0, weights: Weights(archive).root)
            #expect(try norm(Tensor([1, 3] as [Float], shape: [1, 2])).array() == [-1, 3] as [Float])
            #expect(try norm(Tensor.ones([1, 2], dtype: .bfloat16)).dtype == .bfloat16)
        }
    }

    @Test func anEmbeddingLooksUpRows() throws {
        try withArchive(["shared": Tensor([1, 2, 3, 4] as [Float], shape: [2, 2])]) { archive, _ in
            let table = try Embedding(2, 2, name: "shared", weights: Weights(archive).root)
            #expect(try table(Tensor([1] as [Int64], shape: [1])).array() == [3, 4] as [Float])
        }
    }
}
