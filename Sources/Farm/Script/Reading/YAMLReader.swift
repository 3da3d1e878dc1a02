import CYAML

/// Reads a YAML document event by event, and refuses what a script has no use for before it can cost anything: anchors,
/// aliases, tags, further documents, and more nesting or values than ``ScriptLimits`` allow.
struct YAMLReader: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let source: ScriptSource
    private var values = 0

    /// - Returns: nil for a text without a document.
    static func read(_ source: ScriptSource) throws(ScriptError) -> ScriptNode? {
        try source.bytes.withUnsafeBufferPointer { (bytes) throws(ScriptError) in
            var reader = YAMLReader(source, bytes)
            return try reader.document()
        }
    }

    /// libyaml keeps the pointer: the reader must not outlive the bytes.
    private init(_ source: ScriptSource, _ bytes: UnsafeBufferPointer<UInt8>) {
        parser = .allocate(capacity: 1)
        self.source = source
        // Fails only without memory, which ends a Swift program anyway.
        precondition(yaml_parser_initialize(parser) == 1, "libyaml cannot allocate its buffers")
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    private struct Event {
        enum Kind {
            case streamStart, streamEnd, documentStart, documentEnd
            case listStart, listEnd, mappingStart, mappingEnd
            case scalar(String, isPlain: Bool)
        }
        let kind: Kind
        let place: ScriptPlace
    }

    private mutating func document() throws(ScriptError) -> ScriptNode? {
        _ = try next()  // The stream's start.
        guard case .documentStart = try next().kind else { return nil }
        let root = try node(from: try next(), depth: 1)
        _ = try next()  // The document's end.
        let event = try next()
        guard case .streamEnd = event.kind else {
            throw refusal(event.place, "a second document begins here, expected one story per file")
        }
        return root
    }

    private mutating func node(from event: Event, depth: Int) throws(ScriptError) -> ScriptNode {
        values += 1
        guard values <= ScriptLimits.values else {
            throw refusal(event.place, "has more than \(ScriptLimits.values) values")
        }
        switch event.kind {
        case .scalar(let text, let isPlain):
            let kind = isPlain ? ScriptNode.Scalar(plain: text) : .text
            return ScriptNode(content: .scalar(text, kind), place: event.place)
        case .listStart:
            try checkDepth(depth, event.place)
            var items: [ScriptNode] = []
            while true {
                let event = try next()
                if case .listEnd = event.kind { break }
                items.append(try node(from: event, depth: depth + 1))
            }
            return ScriptNode(content: .list(items), place: event.place)
        case .mappingStart:
            try checkDepth(depth, event.place)
            var entries: [ScriptNode.Entry] = []
            while true {
                let event = try next()
                if case .mappingEnd = event.kind { break }
                guard case .scalar(let key, _) = event.kind else {
                    throw refusal(event.place, "a key is a list or a mapping, expected a word")
                }
                let value = try node(from: try next(), depth: depth + 1)
                entries.append(ScriptNode.Entry(key: key, keyPlace: event.place, value: value))
            }
            return ScriptNode(content: .mapping(entries), place: event.place)
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .listEnd, .mappingEnd:
            preconditionFailure("libyaml's grammar has no \(event.kind) where a value begins")
        }
    }

    private func checkDepth(_ depth: Int, _ place: ScriptPlace) throws(ScriptError) {
        guard depth <= ScriptLimits.depth else {
            throw refusal(place, "is nested more than \(ScriptLimits.depth) deep")
        }
    }

    private func refusal(_ place: ScriptPlace, _ reason: String) -> ScriptError {
        ScriptError(file: source.file, place: place, reason: reason)
    }
}

extension YAMLReader {
    private func next() throws(ScriptError) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
        defer { yaml_event_delete(&event) }
        let place = place(event.start_mark)
        let kind: Event.Kind
        switch event.type {
        case YAML_STREAM_START_EVENT: kind = .streamStart
        case YAML_STREAM_END_EVENT: kind = .streamEnd
        case YAML_DOCUMENT_START_EVENT: kind = .documentStart
        case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
        case YAML_SEQUENCE_END_EVENT: kind = .listEnd
        case YAML_MAPPING_END_EVENT: kind = .mappingEnd
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            try refuse(anchor: start.anchor, tag: start.tag, at: place)
            kind = .listStart
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            try refuse(anchor: start.anchor, tag: start.tag, at: place)
            kind = .mappingStart
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            try refuse(anchor: scalar.anchor, tag: scalar.tag, at: place)
            let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            kind = .scalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
        default:
            let name = Self.text(event.data.alias.anchor)
            throw refusal(place, "has the alias *\(name), expected its value; a text that begins so needs quotes")
        }
        return Event(kind: kind, place: place)
    }

    private func refuse(
        anchor: UnsafeMutablePointer<yaml_char_t>?, tag: UnsafeMutablePointer<yaml_char_t>?, at place: ScriptPlace
    ) throws(ScriptError) {
        if let anchor {
            throw refusal(
                place,
                "has the anchor &\(Self.text(anchor)), which a story can't have; a text that begins so needs quotes")
        }
        if let tag {
            throw refusal(
                place, "has the tag \(Self.text(tag)), which a story can't have; a text that begins so needs quotes")
        }
    }

    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String {
        pointer.map { Excerpt.line(String(cString: $0)) } ?? ""
    }

    private func place(_ mark: yaml_mark_t) -> ScriptPlace {
        source.place(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }

    /// What libyaml says, at the place it says it of.
    private func failure() -> ScriptError {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "libyaml gives no reason"
        let context = parser.pointee.context.map { String(cString: $0) + ", " } ?? ""
        return refusal(place(parser.pointee.problem_mark), "is no YAML: \(context)\(problem)")
    }
}
