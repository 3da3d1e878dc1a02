import Testing
import Torch

/// Goal: a tensor is what it says it is, and its memory lives exactly as long as needed.
@Suite struct TensorTests {
    @Test func valuesComeBackAsTheyWentIn() throws {
        let tensor = try Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
        #expect(tensor.shape == [2, 3])
        #expect(tensor.rank == 2 && tensor.count == 6)
        #expect(tensor.dtype == .float32 && tensor.device == .cpu && tensor.isContiguous)
        #expect(try tensor.array() == [1, 2, 3, 4, 5, 6] as [Float])
        #expect(try Tensor([] as [Float], shape: [0, 3]).array() == [] as [Float])
        #expect(try Tensor([7] as [Int64], shape: []).item() == 7)
        #expect(try Tensor.range(from: 1, to: 2, by: 0.25).array() == [1, 1.25, 1.5, 1.75] as [Float])
        #expect("\(tensor)" == "float32 [2, 3] on cpu")
    }

    @Test(arguments: DType.allCases) func everyDTypeIsItselfInLibtorch(dtype: DType) throws {
        let tensor = try Tensor.ones([3], dtype: dtype)
        #expect(tensor.dtype == dtype)
        #expect(try tensor.withUnsafeBytes { $0.count } == 3 * dtype.byteCount)
        #expect(DType(dtype.elementType) == dtype)
        #expect(try tensor.converted(to: .float64).array() == [1, 1, 1] as [Double])
    }

    @Test func viewsShareMemoryAndCopiesDoNot() throws {
        let base = try Tensor.zeros([2, 3])
        let row = try base.selected(0, 1)
        let copy = try base.copy()
        try row.copy(from: Tensor([1, 2, 3] as [Float], shape: [3]))
        #expect(try base.array() == [0, 0, 0, 1, 2, 3] as [Float])
        #expect(try copy.array() == [0, 0, 0, 0, 0, 0] as [Float])
    }

    @Test func aTensorOfAnArrayIsACopy() throws {
        let values: [Float] = [1, 2, 3]
        try Tensor(values, shape: [3]).copy(from: Tensor.zeros([3]))
        #expect(values == [1, 2, 3])
    }

    @Test func aStridedViewLendsNoBytes() throws {
        let view = try Tensor.zeros([2, 3]).transposed(0, 1)
        #expect(!view.isContiguous)
        let error = #expect(throws: TorchError.self) { try view.withUnsafeBytes { $0.count } }
        #expect(error?.description.contains("make it contiguous") == true)
        #expect(try view.contiguous().withUnsafeBytes { $0.count } == 24)
        #expect(throws: TorchError.self) { try Tensor.zeros([2], device: .meta).withUnsafeBytes { $0.count } }
    }

    @Test func borrowedMemoryIsNotCopiedAndItsOwnerIsReleasedOnceWithTheLastView() throws {
        final class Owner {
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 16)
            let whenReleased: () -> Void
            init(_ whenReleased: @escaping () -> Void) { self.whenReleased = whenReleased }
            deinit {
                bytes.deallocate()
                whenReleased()
            }
        }
        var released = 0
        var view: Tensor?
        do {
            let owner = Owner { released += 1 }
            owner.bytes.initializeMemory(as: Float.self, repeating: 2)
            let bytes = UnsafeRawBufferPointer(owner.bytes)
            let tensor = try Tensor.borrowing(bytes, ownedBy: owner, shape: [4], dtype: .float32)
            #expect(try tensor.withUnsafeBytes { $0.baseAddress } == bytes.baseAddress)
            view = try tensor.narrowed(0, 1..<3)
            // A shape that does not fit must release what was handed over, and only that.
            #expect(throws: TorchError.self) {
                try Tensor.borrowing(bytes, ownedBy: owner, shape: [5], dtype: .float32)
            }
        }
        #expect(released == 0)
        #expect(try view?.array() == [2, 2] as [Float])
        view = nil
        #expect(released == 1)
    }

    @Test func tooMuchMemoryIsAnErrorOfItsOwnAndTheProcessGoesOn() throws {
        let error = #expect(throws: TorchError.self) { try Tensor.empty([1 << 44]) }
        #expect(error?.kind == .outOfMemory)
        #expect(error?.isRetriable == true)
        #expect(error?.operation == "empty")
        #expect(try Tensor.ones([2]).array() == [1, 1] as [Float])
    }

    @Test func whatDoesNotFitNamesTheOperatorAndTheReason() throws {
        let a = try Tensor.ones([2, 3])
        let error = #expect(throws: TorchError.self) { try a.matmul(a) }
        #expect(error?.kind == .invalidArgument)
        #expect(error?.operation == "matmul")
        #expect(error?.message.contains("2x3") == true)
        #expect(error?.message.contains("Exception raised from") == false, "no C++ backtrace")
        #expect(error?.isRetriable == false)
        #expect(throws: TorchError.self) { try a.selected(0, 2) }
        #expect(throws: TorchError.self) { try a.reshaped([4]) }
        #expect(throws: TorchError.self) { try Tensor([1] as [Float], shape: [2]) }
        #expect(throws: TorchError.self) { try a.array(of: Double.self) }
        #expect(throws: TorchError.self) { try a.chunked(2, dimension: 1) }
        #expect(try Tensor.empty([0, 3]).chunked(2, dimension: 0).map(\.shape) == [[0, 3], [0, 3]])
    }

    @Test func aDeviceThatIsNotThereIsAnError() throws {
        guard try Runtime.start().cudaDeviceCount == 0 else { return }
        let error = #expect(throws: TorchError.self) { try Tensor.ones([1], device: .cuda(0)) }
        #expect(error?.kind == .unsupported || error?.kind == .invalidArgument || error?.kind == .deviceFault)
    }

    @Test func metaTensorsHaveShapesAndNoMemory() throws {
        // 80 TB if it had any.
        let weights = try Tensor.empty([1 << 20, 10 << 20], dtype: .float64, device: .meta)
        let product = try Tensor.empty([3, 10 << 20], dtype: .float64, device: .meta).linear(weights)
        #expect(product.shape == [3, 1 << 20])
        #expect(product.device == .meta)
    }

    @Test func deviceNamesAreReadStrictly() {
        #expect(Device("cpu") == .cpu)
        #expect(Device("cuda") == .cuda(0))
        #expect(Device("cuda:3") == .cuda(3))
        #expect(Device("cuda:") == nil)
        #expect(Device("cuda:-1") == nil)
        #expect(Device("cuda:127") == .cuda(127))
        #expect(Device("cuda:128") == nil, "libtorch numbers devices in seven bits")
        #expect(Device("gpu") == nil)
        #expect("\(Device.cuda(3))" == "cuda:3")
    }
}
