import Control
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

extension Request {
    /// - Throws: ``Problem``: another content type, too large, no JSON, or another form, with the key.
    func decoded<Form: Decodable>(_ form: Form.Type, limit: Int = ControlLimits.bodyBytes) async throws -> Form {
        let type = headers[.contentType]?.split(separator: ";").first?.lowercased()
        guard type == "application/json" else {
            throw Problem(
                status: 415, code: .invalid, detail: "application/json is expected", field: "Content-Type")
        }
        do {
            let bytes = try await body.collect(upTo: limit)
            return try JSONDecoder().decode(form, from: Data(bytes.readableBytesView))
        } catch is NIOTooManyBytesError {
            throw Problem(
                status: 413, code: .limit, detail: "the body has more than \(limit) bytes",
                limit: Problem.Limit(name: "bodyBytes", value: limit))
        } catch let error as DecodingError {
            throw Problem(error)
        } catch {
            // The connection was closed, by whoever asks or since the rest did not come in time.
            throw Problem(status: 408, code: .invalid, detail: "the body did not arrive")
        }
    }

    /// A part of titles; nil where it is not there.
    func text() throws(ControlError) -> String? {
        guard let text = uri.queryParameters["text"], !text.isEmpty else { return nil }
        guard text.utf8.count <= ControlLimits.textBytes else {
            throw .invalid(field: "text", reason: "at most \(ControlLimits.textBytes) bytes are expected")
        }
        return String(text)
    }

    /// Whose story it becomes: the token's subject; of the farm's own user, the name that the client says.
    func submitter(_ caller: Caller?) throws(ControlError) -> String {
        guard let caller, !caller.isOwner else { return try submitter() }
        return caller.subject
    }

    /// A query's value; nil where it is not there.
    func number<Number: FixedWidthInteger>(_ key: String, _ type: Number.Type = Number.self) throws -> Number? {
        guard let text = uri.queryParameters[Substring(key)] else { return nil }
        guard let number = Number(digits: text) else {
            throw ControlError.invalid(field: key, reason: "a number without sign is expected")
        }
        return number
    }

    /// The name of the operating system's user, as the client says it.
    func submitter() throws(ControlError) -> String {
        let field = FarmConnection.userHeader
        guard let name = HTTPField.Name(field).flatMap({ headers[$0] }), !name.isEmpty else {
            throw .invalid(field: field, reason: "the header has to name who submits")
        }
        guard name.utf8.count <= ControlLimits.userBytes, name.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
            throw .invalid(
                field: field, reason: "at most \(ControlLimits.userBytes) visible ASCII characters are expected")
        }
        return name
    }
}

extension ControlContext {
    /// The number in the address. What is none names nothing, so it is not found rather than wrong.
    func story() throws(ControlError) -> UInt64 {
        guard let id = parameters.get("id").flatMap({ UInt64(digits: $0) }) else { throw .notFound(what: "such story") }
        return id
    }

    func segment() throws(ControlError) -> Int {
        guard let text = parameters.get("segment"), let number = Int(digits: text) else {
            throw .notFound(what: "such segment")
        }
        return number
    }

    /// 32 hexadecimal digits.
    func worker() throws(ControlError) -> String {
        guard let text = parameters.get("id"), text.utf8.count == 32, text.utf8.allSatisfy({ $0.isHexDigit }) else {
            throw .notFound(what: "such worker")
        }
        return text.lowercased()
    }
}

extension ControlContext {
    /// The farm knows which names there are; what could not be one is not asked for.
    func node() throws(ControlError) -> String {
        guard let name = parameters.get("name"), 1...200 ~= name.utf8.count, name.utf8.allSatisfy(\.isInNames) else {
            throw .notFound(what: "such node")
        }
        return name
    }
}

extension FixedWidthInteger {
    /// Of decimal digits alone: no sign, no blanks.
    init?(digits text: some StringProtocol) {
        guard !text.isEmpty, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
        self.init(text)
    }
}

extension UInt8 {
    /// Letters, digits, dots, hyphens and underscores.
    fileprivate var isInNames: Bool {
        0x30...0x39 ~= self || 0x41...0x5A ~= self || 0x61...0x7A ~= self || [0x2D, 0x2E, 0x5F].contains(self)
    }

    fileprivate var isHexDigit: Bool { 0x30...0x39 ~= self || 0x41...0x46 ~= self || 0x61...0x66 ~= self }
}

extension Problem {
    init(_ error: DecodingError) {
        let (field, detail) =
            switch error {
            case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
                (Self.name(context.codingPath), "\(Self.words(for: type)) expected")
            case .keyNotFound(let key, let context): (Self.name(context.codingPath + [key]), "it is missing")
            case .dataCorrupted(let context) where context.codingPath.isEmpty:
                // Foundation says the same of both, and not where the number stands.
                ("", "the body is no JSON, or a number in it does not fit where it stands")
            case .dataCorrupted(let context): (Self.name(context.codingPath), "the value does not fit")
            @unknown default: ("", "the body has another form")
            }
        self.init(status: 400, code: .invalid, detail: detail, field: field.isEmpty ? nil : field)
    }

    /// As "overrides.2", the first being 0.
    private static func name(_ path: [any CodingKey]) -> String {
        path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }

    private static func words(for type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a text is"
        case is Bool.Type: "true or false is"
        case is any BinaryInteger.Type: "a whole number is"
        case is any FloatingPoint.Type: "a number is"
        case is any Collection.Type: "a list or an object is"
        default: "another form is"
        }
    }
}
