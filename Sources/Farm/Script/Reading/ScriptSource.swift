import Glibc

/// The text of a script, checked as far as that goes without knowing its format.
struct ScriptSource {
    /// What places in the text are called.
    enum Origin {
        case file(String)
        /// An override of this file's values.
        case override(String, of: String)
    }

    let bytes: [UInt8]
    let origin: Origin

    var file: String {
        switch origin {
        case .file(let name), .override(_, of: let name): name
        }
    }

    func place(line: Int, column: Int) -> ScriptPlace {
        switch origin {
        case .file: .file(line: line, column: column)
        case .override(let text, _): .override(text)
        }
    }

    /// - Throws: `ScriptError` for bytes that are no UTF-8, and for control characters, with their place.
    init(_ bytes: [UInt8], origin: Origin) throws(ScriptError) {
        let mark: [UInt8] = [0xef, 0xbb, 0xbf]
        self.bytes = bytes.starts(with: mark) ? Array(bytes.dropFirst(mark.count)) : bytes
        self.origin = origin
        try checkCharacters()
    }

    private func checkCharacters() throws(ScriptError) {
        var (line, column) = (1, 1)
        var wasReturn = false
        var iterator = bytes.makeIterator()
        var decoder = UTF8()
        while true {
            let scalar: Unicode.Scalar
            switch decoder.decode(&iterator) {
            case .emptyInput: return
            case .error: throw refusal(line, column, "is no UTF-8 from here on")
            case .scalarValue(let value): scalar = value
            }
            switch scalar {
            case "\n" where wasReturn: break
            case "\n", "\r": (line, column) = (line + 1, 1)
            case "\t": column += 1
            case _ where Self.isControl(scalar):
                throw refusal(line, column, "has the control character \(Excerpt.code(scalar))")
            default: column += 1
            }
            wasReturn = scalar == "\r"
        }
    }

    /// What no prompt may contain: libyaml refuses it too, and terminals act on it.
    static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FEFF}", "\u{FFFE}"..."\u{FFFF}": true
        default: false
        }
    }

    private func refusal(_ line: Int, _ column: Int, _ reason: String) -> ScriptError {
        ScriptError(file: file, place: place(line: line, column: column), reason: reason)
    }
}

extension ScriptSource {
    /// A file, of which never more than `limit` bytes are read.
    init(contentsOf path: String, limit: Int) throws(ScriptError) {
        func failure(_ reason: String) -> ScriptError { ScriptError(file: path, reason: reason) }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { throw failure(String(cString: strerror(errno))) }
        guard information.st_mode & S_IFMT != S_IFDIR else { throw failure("is a folder, expected a file") }
        if information.st_mode & S_IFMT == S_IFREG, information.st_size > limit {
            throw failure(Self.tooLong(Int(information.st_size), limit))
        }
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        var filled = 0
        // A pipe gives what it has; one byte over the limit is enough to know.
        while filled < bytes.count {
            let (offset, room) = (filled, bytes.count - filled)
            let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress.map { $0 + offset }, room) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure(String(cString: strerror(errno))) }
            if count == 0 { break }
            filled += count
        }
        guard filled <= limit else { throw failure("is longer than \(limit) bytes") }
        try self.init(Array(bytes[..<filled]), origin: .file(path))
    }

    /// Bytes in memory.
    init(_ bytes: [UInt8], file: String, limit: Int) throws(ScriptError) {
        guard bytes.count <= limit else { throw ScriptError(file: file, reason: Self.tooLong(bytes.count, limit)) }
        try self.init(bytes, origin: .file(file))
    }

    private static func tooLong(_ count: Int, _ limit: Int) -> String {
        "has \(count) bytes, over the limit of \(limit)"
    }
}
