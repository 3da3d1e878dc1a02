import Foundation
import Safetensors
import WireSamples

/// The reader of safetensors headers and of shard indices under random and mutated inputs.
///
/// An input must be refused, or the header must be sound by a check of its own: every byte of the data belongs to
/// exactly one tensor, and each tensor's bytes are those of its shape. An index must never open a file outside its
/// folder, where one lies waiting.
struct SafetensorsFuzz {
    let seed: UInt64
    let count: Int

    /// - Returns: the number of violations.
    func run() -> Int { fuzzHeaders() + fuzzIndices() }

    // MARK: Headers

    private func fuzzHeaders() -> Int {
        var mutator = FileMutator(generator: SeededGenerator(seed: seed))
        var (accepted, refused, violations) = (0, 0, 0)
        let guarded = GuardedInput(capacity: SafetensorsLimits.headerByteCount * 2)
        for _ in 0..<count {
            let input = mutator.file()
            let bytes = guarded.place(input)
            // Tells the reader of a larger file than it can see, as a caller with only the head of one would.
            let fileSize = mutator.generator.next() % 16 == 0 ? input.count + 64 : input.count
            do throws(SafetensorsError) {
                let header = try SafetensorsHeader(parsing: bytes, fileSize: fileSize, file: "fuzz")
                accepted += 1
                if !isSound(header, fileSize: fileSize) { violations += 1 }
            } catch {
                refused += 1
                if error.description.utf8.count > 400 { violations += 1 }
            }
        }
        print("Safetensors headers: \(accepted) read, \(refused) refused")
        return violations + Self.unexercised(accepted, refused)
    }

    /// A reader that refuses everything, or nothing, was not tested.
    private static func unexercised(_ accepted: Int, _ refused: Int) -> Int { accepted > 0 && refused > 0 ? 0 : 1 }

    private func isSound(_ header: SafetensorsHeader, fileSize: Int) -> Bool {
        let ranges = header.entries.values.map(\.byteRange).filter { !$0.isEmpty }
            .sorted { $0.lowerBound < $1.lowerBound }
        let isGapless = zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound }
        let isWhole = ranges.last.map { $0.upperBound == fileSize } ?? true
        let fits = header.entries.values.allSatisfy { entry in
            entry.byteRange.count == entry.shape.reduce(entry.elementType.byteCount, *)
        }
        return isGapless && isWhole && fits
    }

    // MARK: Shard indices

    private func fuzzIndices() -> Int {
        let root = FileManager.default.temporaryDirectory.appending(path: "storyfarm-fuzz-\(UUID().uuidString)")
        let folder = root.appending(path: "model").path
        guard
            (try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)) != nil,
            (try? SafetensorsWriter.write([], metadata: ["who": "outside"], to: root.path + "/o.safetensors")) != nil,
            (try? SafetensorsWriter.write([], metadata: ["who": "inside"], to: folder + "/i.safetensors")) != nil
        else { return 1 }
        defer { try? FileManager.default.removeItem(at: root) }
        var mutator = FileMutator(generator: SeededGenerator(seed: seed &+ 1))
        var (opened, refused, violations) = (0, 0, 0)
        for _ in 0..<count {
            let index = mutator.index(outside: root.path + "/o.safetensors")
            guard FileManager.default.createFile(atPath: folder + "/m.safetensors.index.json", contents: Data(index))
            else { return violations + 1 }
            do throws(SafetensorsError) {
                let archive = try SafetensorsArchive(folder: folder, name: "m")
                opened += 1
                if archive.files.contains(where: { $0.header.metadata["who"] != "inside" }) { violations += 1 }
            } catch {
                refused += 1
                if error.reason == .missingKey, error.file.contains("o.safetensors") { violations += 1 }
            }
        }
        print("Safetensors indices: \(opened) read, \(refused) refused")
        return violations + Self.unexercised(opened, refused)
    }
}
