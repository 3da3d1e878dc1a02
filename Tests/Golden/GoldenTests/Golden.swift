import Foundation
import Safetensors
import Testing
import Torch

/// One recorded run of the reference implementation: its configuration, inputs, weights and outputs.
///
/// Written by `ops/parity/fixtures.py`. Keys begin with `in.`, `out.` or `weights.`; the metadata has `kind` (which
/// block), `config` (JSON) and `source` (the reference's versions). `STORYFARM_GOLDEN=DIR` reads other recordings than
/// the committed ones.
struct Golden: CustomTestStringConvertible, Sendable {
    let name: String
    let kind: String
    let config: [String: any Sendable]
    private let file: SafetensorsFile

    var testDescription: String { name }

    /// Where the recordings lie.
    static var folder: String {
        let committed = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures").path
        return ProcessInfo.processInfo.environment["STORYFARM_GOLDEN"] ?? committed
    }

    /// All recordings of a kind, in order of their names.
    ///
    /// - Precondition: there is at least one; else the test would pass without testing anything.
    static func all(_ kind: String) -> [Golden] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let found = names.filter { $0.hasSuffix(".safetensors") }.sorted().compactMap { name -> Golden? in
            guard let file = try? SafetensorsFile(path: "\(folder)/\(name)"), file.header.metadata["kind"] == kind
            else { return nil }
            return Golden(name, file)
        }
        precondition(!found.isEmpty, "no recording of kind \(kind) in \(folder)")
        return found
    }

    private init(_ name: String, _ file: SafetensorsFile) {
        self.name = name
        self.file = file
        kind = file.header.metadata["kind"] ?? ""
        let json = Data((file.header.metadata["config"] ?? "{}").utf8)
        config = ((try? JSONSerialization.jsonObject(with: json)) as? [String: any Sendable]) ?? [:]
    }

    func integer(_ key: String) throws -> Int { try #require((config[key] as? NSNumber)?.intValue, "\(name): \(key)") }
    func number(_ key: String) throws -> Double {
        try #require((config[key] as? NSNumber)?.doubleValue, "\(name): \(key)")
    }
    func flag(_ key: String) throws -> Bool { try integer(key) != 0 }
    func integers(_ key: String) throws -> [Int] {
        try #require((config[key] as? [NSNumber])?.map(\.intValue), "\(name): \(key)")
    }
    func numbers(_ key: String) throws -> [Double] {
        try #require((config[key] as? [NSNumber])?.map(\.doubleValue), "\(name): \(key)")
    }
    func text(_ key: String) throws -> String { try #require(config[key] as? String, "\(name): \(key)") }

    func input(_ key: String) throws -> Tensor { try Tensor.load("in.\(key)", from: file) }
    func output(_ key: String) throws -> Tensor { try Tensor.load("out.\(key)", from: file) }
    func has(_ key: String) -> Bool { file.header.entries[key] != nil }

    /// The reference's weights under their own names.
    func weights(dtype: DType? = nil) -> WeightScope {
        Weights(SafetensorsArchive(file: file), dtype: dtype).root / "weights"
    }

    /// The same, by their keys in the file.
    func allWeights() throws -> [String: Tensor] {
        let keys = file.header.entries.keys.filter { $0.hasPrefix("weights.") }
        return try Dictionary(uniqueKeysWithValues: keys.map { ($0, try Tensor.load($0, from: file)) })
    }

    /// Compares with a recorded output: the largest difference, relative to the largest magnitude of the reference.
    func expect(
        _ tensor: Tensor, equals key: String, within tolerance: Double,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let reference = try output(key).converted(to: .float64)
        #expect(tensor.shape == reference.shape, "\(name): \(key)", sourceLocation: sourceLocation)
        guard tensor.shape == reference.shape else { return }
        let difference = try (tensor.converted(to: .float64) - reference).absolute().maximum(over: [])
        let scale = try reference.absolute().maximum(over: []).item()
        let relative = try difference.item() / max(scale, 1e-30)
        // "out.state.3" and "out.state.4" are two of one sort.
        let sort = key.split(separator: ".").filter { Int($0) == nil }.joined(separator: ".")
        GoldenReport.add("\(kind) \(sort)", measured: relative, allowed: tolerance)
        #expect(relative <= tolerance, "\(name): \(key) differs by \(relative)", sourceLocation: sourceLocation)
    }
}
