import CWire
import Farm

// The farm's own vocabulary travels as it is; only its bounds are the wire's.

extension SegmentID: WireBody {
    init(reading form: Storyfarm__V1__Segment, _ field: FieldReader) throws(WireError) {
        self.init(story: StoryID(rawValue: form.story), number: form.number)
    }

    func write(to form: inout Storyfarm__V1__Segment, _ put: FieldWriter) throws(WireError) {
        form.story = story.rawValue
        form.number = number
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.range(Int(number), "number", 1...WireLimits.segments)
    }
}

extension Lease: WireBody {
    init(reading form: Storyfarm__V1__Lease, _ field: FieldReader) throws(WireError) {
        self.init(epoch: form.epoch, number: form.number)
    }

    func write(to form: inout Storyfarm__V1__Lease, _ put: FieldWriter) throws(WireError) {
        form.epoch = epoch
        form.number = number
    }

    func check(_ field: FieldCheck) throws(WireError) {}
}

extension StreamID: WireBody {
    init(reading form: Storyfarm__V1__Stream, _ field: FieldReader) throws(WireError) {
        self.init(
            segment: try field.body(form.segment, "segment"), generation: Generation(rawValue: form.generation))
    }

    func write(to form: inout Storyfarm__V1__Stream, _ put: FieldWriter) throws(WireError) {
        form.segment = try put.body(segment)
        form.generation = generation.rawValue
    }

    func check(_ field: FieldCheck) throws(WireError) {}
}

extension AttemptID: WireBody {
    init(reading form: Storyfarm__V1__Attempt, _ field: FieldReader) throws(WireError) {
        self.init(
            segment: try field.body(form.segment, "segment"),
            lease: try field.body(form.lease, "lease"),
            generation: Generation(rawValue: form.generation))
    }

    func write(to form: inout Storyfarm__V1__Attempt, _ put: FieldWriter) throws(WireError) {
        form.segment = try put.body(segment)
        form.lease = try put.body(lease)
        form.generation = generation.rawValue
    }

    func check(_ field: FieldCheck) throws(WireError) {}
}

extension DeviceKind: WireBody {
    init(reading form: Storyfarm__V1__DeviceKind, _ field: FieldReader) throws(WireError) {
        self.init(
            accelerator: field.text(form.accelerator),
            cpuLevel: field.text(form.cpu_level),
            libtorch: field.text(form.libtorch),
            precision: field.text(form.precision),
            threads: try field.integer(form.threads, "threads"),
            attention: field.text(form.attention))
    }

    func write(to form: inout Storyfarm__V1__DeviceKind, _ put: FieldWriter) throws(WireError) {
        form.accelerator = put.text(accelerator)
        form.cpu_level = put.text(cpuLevel)
        form.libtorch = put.text(libtorch)
        form.precision = put.text(precision)
        form.threads = try put.integer(threads, "threads")
        form.attention = put.text(attention)
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.text(accelerator, "accelerator", atMost: WireLimits.nameBytes)
        try field.text(cpuLevel, "cpu_level", atMost: WireLimits.nameBytes)
        try field.text(libtorch, "libtorch", atMost: WireLimits.nameBytes)
        try field.text(precision, "precision", atMost: WireLimits.nameBytes)
        try field.range(threads, "threads", 1...WireLimits.threads)
        try field.text(attention, "attention", atMost: WireLimits.nameBytes)
    }
}
