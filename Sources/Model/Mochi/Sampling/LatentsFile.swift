public import Safetensors
public import Torch

/// Latents in a safetensors file: `latents`, fp32 `[1, C, T, h, w]`.
public enum LatentsFile {
    /// Reads them, checked.
    ///
    /// - Parameter shape: that they must have.
    /// - Throws: `LatentsFileError` naming the file and what was expected and found.
    public static func read(_ path: String, shape: [Int]) throws(LatentsFileError) -> Tensor {
        try read("latents", of: open(path), shape: shape)
    }

    /// Opens a file that holds latents, or a checkpoint.
    public static func open(_ path: String) throws(LatentsFileError) -> SafetensorsFile {
        do throws(SafetensorsError) { return try SafetensorsFile(path: path) } catch {
            throw LatentsFileError(description: error.description)
        }
    }

    /// A tensor of an opened file: fp32, of `shape`, finite.
    public static func read(
        _ key: String, of file: SafetensorsFile, shape: [Int]
    ) throws(LatentsFileError) -> Tensor {
        let isFinite: Bool
        let copy: Tensor
        do {
            let tensor = try Tensor.load(key, from: file, shape: shape, dtypes: [.float32])
            isFinite = try tensor.isFinite()
            // Copied, so that what is done with the file later is without effect.
            copy = try tensor.copy()
        } catch {
            throw LatentsFileError(description: "\(error)")
        }
        guard isFinite else { throw LatentsFileError(file: file.path, "\(key): has values that are not finite") }
        return copy
    }
}

/// Latents or a checkpoint that can't be taken.
public struct LatentsFileError: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String

    init(description: String) { self.description = description }
    public init(file: String, _ reason: String) { description = "\(file): \(reason)" }
}
