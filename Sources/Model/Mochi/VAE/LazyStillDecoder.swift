import Synchronization
import Torch

/// A still decoder that is made when it is first needed: summing the kernels costs time and a third of their memory.
final class LazyStillDecoder: Sendable {
    private let decoder: VAEDecoder
    private let made = Mutex<StillDecoder?>(nil)

    init(_ decoder: VAEDecoder) { self.decoder = decoder }

    func callAsFunction() throws(TorchError) -> StillDecoder {
        try made.withLock { (made) throws(TorchError) in
            if let made { return made }
            let still = try StillDecoder(decoder)
            made = still
            return still
        }
    }
}
