/// Which bytes of a file a request wants, as its `Range` header says.
enum ByteRange: Equatable {
    /// Nothing is said, or something that a server may ignore: other units, several ranges, what makes no sense.
    case whole
    /// Not empty, within the file.
    case part(Range<Int>)
    /// Behind the file's end.
    case unsatisfiable

    init(_ header: String?, of byteCount: Int) {
        guard let header, header.hasPrefix("bytes="), !header.contains(",") else {
            self = .whole
            return
        }
        let bounds = header.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard bounds.count == 2 else {
            self = .whole
            return
        }
        switch (Self.number(bounds[0]), Self.number(bounds[1])) {
        case (let first?, let last?) where first <= last:
            self = first < byteCount ? .part(first..<min(last, byteCount - 1) + 1) : .unsatisfiable
        case (let first?, nil) where bounds[1].isEmpty:
            self = first < byteCount ? .part(first..<byteCount) : .unsatisfiable
        case (nil, let count?) where bounds[0].isEmpty:
            self = count > 0 && byteCount > 0 ? .part(max(0, byteCount - count)..<byteCount) : .unsatisfiable
        default:
            self = .whole
        }
    }

    /// Digits only; what does not fit is larger than any file.
    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
        return Int(text) ?? Int.max
    }
}
