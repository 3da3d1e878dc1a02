import CWire
public import Farm

extension Message {
    /// Everything that an attempt has read of its predecessor's boundaries.
    public struct Consumed: Equatable, Sendable {
        /// With rising first steps; empty when nothing was read.
        public var spans: [GenerationSpan]
        /// Running over the boundaries read.
        public var digest: Digest

        /// Limits are checked when the message is encoded.
        public init(spans: [GenerationSpan], digest: Digest) {
            self.spans = spans
            self.digest = digest
        }
    }
}

extension Message.Consumed: WireBody {
    init(reading form: Storyfarm__V1__Consumed, _ field: FieldReader) throws(WireError) {
        self.init(
            spans: try field.list(form.spans, count: form.n_spans, "spans"),
            digest: try field.digest(form.digest, "digest"))
    }

    func write(to form: inout Storyfarm__V1__Consumed, _ put: FieldWriter) throws(WireError) {
        (form.spans, form.n_spans) = try put.list(spans)
        form.digest = put.bytes(digest.bytes)
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.count(spans.count, "spans", atMost: WireLimits.repeatedEntries)
        let rising = zip(spans, spans.dropFirst()).allSatisfy { $0.fromStep < $1.fromStep }
        try field.require(rising, "spans", found: "another order", expected: "rising first steps")
    }
}

extension Message {
    /// From a step on, boundaries of this generation were read.
    public struct GenerationSpan: Equatable, Sendable {
        /// Of the predecessor's stream.
        public var generation: Generation
        /// The first step read of it.
        public var fromStep: Int

        /// Limits are checked when the message is encoded.
        public init(generation: Generation, fromStep: Int) {
            self.generation = generation
            self.fromStep = fromStep
        }
    }
}

extension Message.GenerationSpan: WireBody {
    init(reading form: Storyfarm__V1__GenerationSpan, _ field: FieldReader) throws(WireError) {
        self.init(
            generation: Generation(rawValue: form.generation),
            fromStep: try field.integer(form.from_step, "from_step"))
    }

    func write(to form: inout Storyfarm__V1__GenerationSpan, _ put: FieldWriter) throws(WireError) {
        form.generation = generation.rawValue
        form.from_step = try put.integer(fromStep, "from_step")
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.range(fromStep, "from_step", 0...WireLimits.steps)
    }
}
