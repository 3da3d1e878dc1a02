import CWire
import Farm

extension Consumed: WireBody {
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

extension GenerationSpan: WireBody {
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
