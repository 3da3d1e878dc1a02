/// An integer of a configuration file; decoded so that 1.5 or 1e25 is an error with its key.
struct WholeNumber: Decodable {
    let value: Int

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let number = try container.decode(Double.self)
        guard let value = Int(exactly: number) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no integer")
        }
        self.value = value
    }
}
