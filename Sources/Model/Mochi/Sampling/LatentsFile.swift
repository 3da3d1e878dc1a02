public import Safetensors
public import Torch

/// Latents in a safetensors file: `latents`, fp32 `[1, C, T, h, w]`.
public enum LatentsFile {
    /// Reads them, checked.
    ///
    /// - Parameter shape: that they must have.
    /// - Throws: `LatentsFileError` naming the file and what was expected and found.
    public static func read(_ path: String, shape: [Int]) throws(LatentsFileError) -> Tensor {
        try read(open(path), shape: shape)
    }

    static func open(_ path: String) throws(LatentsFileError) -> SafetensorsFile {
        do throws(SafetensorsError) { return try SafetensorsFile(path: path) } catch {
            throw LatentsFileError(description: error.description)
        }
    }

    static func read(_ file: SafetensorsFile, shape: [Int]) throws(LatentsFileError) -> Tensor {
        let isFinite: Bool
        let copy: Tensor
        do {
            let latents = try Tensor.load("latents", from: file, shape: shape, dtypes: [.float32])
            isFinite = try latents.isFinite()
            // Copied, so that what is done with the file later is without effect.
            copy = try latents.copy()
        } catch {
            throw LatentsFileError(description: "\(error)")
        }
        guard isFinite else { throw LatentsFileError(file: file.path, "latents: has values that are not finite") }
        return copy
    }
}

/// Latents or a checkpoint that can't be taken.
public struct LatentsFileError: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String

    init(description: String) { self.description = description }
    init(file: String, _ reason: String) { description = "\(file): \(reason)" }
}
