/// The limits of one message's fields; used before sending and after reading alike.
struct FieldCheck {
    let name: MessageName

    /// A text of 1…`limit` bytes of UTF-8 without NUL.
    func text(_ value: String, _ label: String, atMost limit: Int) throws(WireError) {
        guard !value.isEmpty else { throw name.error(label, .missing) }
        try optionalText(value, label, atMost: limit)
    }

    /// A text of 0…`limit` bytes of UTF-8 without NUL.
    func optionalText(_ value: String, _ label: String, atMost limit: Int) throws(WireError) {
        guard value.utf8.count <= limit else {
            throw name.error(label, .exceeds(limit: limit, found: value.utf8.count))
        }
        guard !value.utf8.contains(0) else { throw name.error(label, .malformed(.nul)) }
    }

    func count(_ value: Int, _ label: String, atMost limit: Int) throws(WireError) {
        guard value <= limit else { throw name.error(label, .exceeds(limit: limit, found: value)) }
    }

    func range(_ value: Int, _ label: String, _ allowed: ClosedRange<Int>) throws(WireError) {
        guard allowed.contains(value) else { throw outOfRange(label, value, allowed) }
    }

    func range(_ value: Int, _ label: String, _ allowed: PartialRangeFrom<Int>) throws(WireError) {
        try range(value, label, allowed.lowerBound...Int.max)
    }

    /// Refuses NaN and both infinities as well.
    func range(_ value: Float, _ label: String, _ allowed: ClosedRange<Float>) throws(WireError) {
        guard allowed.contains(value) else { throw outOfRange(label, value, allowed) }
    }

    func duration(_ value: Duration, _ label: String) throws(WireError) {
        guard (.zero...WireLimits.duration).contains(value) else {
            throw outOfRange(label, value, .zero...WireLimits.duration)
        }
    }

    /// 0 means "absent" on the wire and would be refused by the reader.
    func code(_ value: some WireCode, _ label: String) throws(WireError) {
        guard value.wireValue != 0 else { throw name.error(label, .missing) }
    }

    func require(_ holds: Bool, _ label: String, found: @autoclosure () -> String, expected: String) throws(WireError) {
        guard holds else { throw name.error(label, .outOfRange(found: found(), allowed: expected)) }
    }

    private func outOfRange<Value>(_ label: String, _ value: Value, _ allowed: ClosedRange<Value>) -> WireError {
        name.error(label, .outOfRange(found: "\(value)", allowed: "\(allowed.lowerBound)…\(allowed.upperBound)"))
    }
}
