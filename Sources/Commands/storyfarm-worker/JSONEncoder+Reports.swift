import Foundation

extension JSONEncoder {
    /// Of what people read and programs evaluate: sorted, and with the texts "inf", "-inf" and "nan" where JSON has no
    /// number.
    static var report: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return encoder
    }
}
