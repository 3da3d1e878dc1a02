import FoundationEssentials
import Safetensors

/// One file of a CLIP folder, read into memory if it is not too large.
struct SettingsFile {
    let path: String
    let data: Data

    /// - Throws: `CLIPError` if the file is missing, can't be read or has more bytes than `limit`.
    init(folder: String, name: String, limit: Int = CLIPLimits.settingsByteCount) throws(CLIPError) {
        path = "\(folder)/\(name)"
        let mapping: MappedFile
        do throws(SafetensorsError) { mapping = try MappedFile(path: path) } catch {
            guard case .inputOutput(let reason) = error.reason else {
                throw .unreadable(file: path, reason: error.description)
            }
            throw .unreadable(file: path, reason: reason)
        }
        guard mapping.bytes.count <= limit else {
            throw .overLimit("the file's length", found: mapping.bytes.count, limit: limit, file: path)
        }
        data = Data(mapping.bytes)
    }

    /// The same, or nil where there is no such file.
    init?(optionalIn folder: String, name: String) throws(CLIPError) {
        guard FileManager.default.fileExists(atPath: "\(folder)/\(name)") else { return nil }
        try self.init(folder: folder, name: name)
    }

    /// Decodes the file's JSON.
    ///
    /// - Throws: `CLIPError` naming the file, and the key whose value is missing or can't be used.
    func decoded<Value: Decodable>(as type: Value.Type) throws(CLIPError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch let error as DecodingError {
            throw refusal(of: error)
        } catch {
            throw .malformed(file: path, line: nil, problem: "\(error)")
        }
    }

    private func refusal(of error: DecodingError) -> CLIPError {
        let (context, missing): (DecodingError.Context, (any CodingKey)?) =
            switch error {
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
                (context, nil)
            case .keyNotFound(let key, let context): (context, key)
            @unknown default: (.init(codingPath: [], debugDescription: "\(error)"), nil)
            }
        let key = (context.codingPath + (missing.map { [$0] } ?? [])).map(\.stringValue).joined(separator: ".")
        // Long where it quotes what it found; a message is one line.
        let problem = String(context.debugDescription.prefix(200))
        guard !key.isEmpty else { return .malformed(file: path, line: nil, problem: "no JSON object: \(problem)") }
        return .unsupported(file: path, key: key, problem: problem)
    }
}
