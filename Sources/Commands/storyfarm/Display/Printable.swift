import Glibc

extension StringProtocol {
    /// Without what a terminal obeys: texts of other people must not move its cursor or turn its lines around.
    var printable: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { scalar in
                    // Emoji of several parts are joined by a format character that moves nothing.
                    if scalar.value == 0x200D { return scalar }
                    return switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: "\u{FFFD}"
                    default: scalar
                    }
                }))
    }
}

/// Moments as a person of this machine reads them.
enum LocalTime {
    /// - Parameter seconds: since 1970.
    static func text(_ seconds: Double, withSeconds: Bool) -> String {
        // What is no time at all is not worth a crash.
        var moment = time_t(exactly: seconds.rounded(.down)) ?? 0
        var parts = tm()
        localtime_r(&moment, &parts)
        var text = [CChar](repeating: 0, count: 32)
        let length = strftime(&text, text.count, withSeconds ? "%Y-%m-%d %H:%M:%S" : "%Y-%m-%d %H:%M", &parts)
        return String(decoding: text.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func text(_ seconds: Double) -> String { text(seconds, withSeconds: false) }
}
