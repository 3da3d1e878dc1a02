/// One value said beside a script, as `blending.gamma=0.3`: what `--set` takes.
struct Override {
    private let path: [String]
    private let value: ScriptNode

    /// - Parameter file: the script that is overridden, for errors.
    init(_ text: String, of file: String) throws(ScriptError) {
        func refusal(_ reason: String) -> ScriptError {
            ScriptError(file: file, place: .override(text), reason: reason)
        }
        let source = try ScriptSource(Array(text.utf8), origin: .override(text, of: file))
        guard text.utf8.count <= ScriptLimits.scriptBytes else {
            throw refusal("has \(text.utf8.count) bytes, over the limit of \(ScriptLimits.scriptBytes)")
        }
        guard let equals = text.firstIndex(of: "=") else { throw refusal("expected KEY=VALUE, as blending.gamma=0.3") }
        path = text[..<equals].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard path.allSatisfy({ !$0.isEmpty }), path.count <= ScriptLimits.depth else {
            throw refusal("expected keys with a dot between them before the '=', as blending.gamma=0.3")
        }
        let given = String(text[text.index(after: equals)...])
        if let first = given.first, "[{\"'".contains(first) {
            let origin = ScriptSource.Origin.override(text, of: file)
            let node = try YAMLReader.read(ScriptSource(Array(given.utf8), origin: origin))
            value = node ?? ScriptNode(content: .scalar("", .null), place: .override(text))
        } else {
            value = ScriptNode(
                content: .scalar(given, ScriptNode.Scalar(plain: given)), place: source.place(line: 1, column: 1))
        }
    }

    /// Lays the value into a script; what stood there is gone, and mappings on the way are made.
    func apply(to root: inout ScriptNode, file: String) throws(ScriptError) {
        root = try replacing(root, path[...], file)
    }

    private func replacing(_ node: ScriptNode, _ rest: ArraySlice<String>, _ file: String) throws(ScriptError)
        -> ScriptNode
    {
        guard let key = rest.first else { return value }
        switch node.content {
        case .list(var items):
            guard let number = Int(key), 1...max(items.count, 1) ~= number, !items.isEmpty else {
                throw ScriptError(
                    file: file, place: value.place, key: path.joined(separator: "."),
                    reason: "\(Excerpt.quoted(key)) is no number from 1 to \(items.count)")
            }
            items[number - 1] = try replacing(items[number - 1], rest.dropFirst(), file)
            return ScriptNode(content: .list(items), place: node.place)
        case .mapping(var entries):
            if let index = entries.firstIndex(where: { $0.key == key }) {
                entries[index].value = try replacing(entries[index].value, rest.dropFirst(), file)
            } else {
                entries.append(try entry(key, rest, file))
            }
            return ScriptNode(content: .mapping(entries), place: node.place)
        case .scalar:
            // As with `weighting: off` and an override of one of its keys: that switches it on.
            return ScriptNode(content: .mapping([try entry(key, rest, file)]), place: value.place)
        }
    }

    private func entry(_ key: String, _ rest: ArraySlice<String>, _ file: String) throws(ScriptError)
        -> ScriptNode.Entry
    {
        let nothing = ScriptNode(content: .mapping([]), place: value.place)
        return ScriptNode.Entry(
            key: key, keyPlace: value.place, value: try replacing(nothing, rest.dropFirst(), file))
    }
}
