import CWire
public import Farm

extension Message {
    /// A producer adds the boundary of a step to its own stream. One raw frame follows.
    public struct BoundaryAppend: Equatable, Sendable {
        /// Also names the stream.
        public var attempt: AttemptID
        /// First write wins.
        public var step: Int
        /// Of the raw frame.
        public var bytes: Int
        /// Of the raw frame.
        public var checksum: UInt64

        /// Limits are checked when the message is encoded.
        public init(attempt: AttemptID, step: Int, bytes: Int, checksum: UInt64) {
            self.attempt = attempt
            self.step = step
            self.bytes = bytes
            self.checksum = checksum
        }
    }
}

extension Message.BoundaryAppend: WireBody {
    init(reading form: Storyfarm__V1__BoundaryAppend, _ field: FieldReader) throws(WireError) {
        self.init(
            attempt: try field.body(form.attempt, "attempt"),
            step: try field.integer(form.step, "step"),
            bytes: try field.integer(form.bytes, "bytes"),
            checksum: form.checksum)
    }

    func write(to form: inout Storyfarm__V1__BoundaryAppend, _ put: FieldWriter) throws(WireError) {
        form.attempt = try put.body(attempt)
        form.step = try put.integer(step, "step")
        form.bytes = try put.integer(bytes, "bytes")
        form.checksum = checksum
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.range(step, "step", 0...WireLimits.steps)
        try field.range(bytes, "bytes", 1...WireLimits.boundaryBytes)
    }
}

extension Message {
    /// The log has the boundary; its producer may forget it.
    public struct BoundaryStored: Equatable, Sendable {
        /// The producer's.
        public var stream: StreamID
        /// Of the boundary.
        public var step: Int

        /// Limits are checked when the message is encoded.
        public init(stream: StreamID, step: Int) {
            self.stream = stream
            self.step = step
        }
    }
}

extension Message.BoundaryStored: WireBody {
    init(reading form: Storyfarm__V1__BoundaryStored, _ field: FieldReader) throws(WireError) {
        self.init(
            stream: try field.body(form.stream, "stream"),
            step: try field.integer(form.step, "step"))
    }

    func write(to form: inout Storyfarm__V1__BoundaryStored, _ put: FieldWriter) throws(WireError) {
        form.stream = try put.body(stream)
        form.step = try put.integer(step, "step")
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.range(step, "step", 0...WireLimits.steps)
    }
}

extension Message {
    /// A reader asks for records, as they come; repeated while it waits.
    public struct BoundaryRead: Equatable, Sendable {
        /// Who reads, under which lease.
        public var reader: AttemptID
        /// What is read.
        public var stream: StreamID
        /// The cursor.
        public var fromStep: Int
        /// At most so many records before the next ``BoundaryRead``.
        public var window: Int

        /// Limits are checked when the message is encoded.
        public init(reader: AttemptID, stream: StreamID, fromStep: Int, window: Int) {
            self.reader = reader
            self.stream = stream
            self.fromStep = fromStep
            self.window = window
        }
    }
}

extension Message.BoundaryRead: WireBody {
    init(reading form: Storyfarm__V1__BoundaryRead, _ field: FieldReader) throws(WireError) {
        self.init(
            reader: try field.body(form.reader, "reader"),
            stream: try field.body(form.stream, "stream"),
            fromStep: try field.integer(form.from_step, "from_step"),
            window: try field.integer(form.window, "window"))
    }

    func write(to form: inout Storyfarm__V1__BoundaryRead, _ put: FieldWriter) throws(WireError) {
        form.reader = try put.body(reader)
        form.stream = try put.body(stream)
        form.from_step = try put.integer(fromStep, "from_step")
        form.window = try put.integer(window, "window")
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.range(fromStep, "from_step", 0...WireLimits.steps)
        try field.range(window, "window", 1...WireLimits.repeatedEntries)
    }
}

extension Message {
    /// A boundary for a reader. One raw frame follows.
    public struct BoundaryRecord: Equatable, Sendable {
        /// Who asked for it.
        public var reader: AttemptID
        /// In the generation that the record was written in, which may be earlier than the stream's own.
        public var stream: StreamID
        /// Of the boundary.
        public var step: Int
        /// Of the raw frame.
        public var bytes: Int
        /// Of the raw frame.
        public var checksum: UInt64

        /// Limits are checked when the message is encoded.
        public init(reader: AttemptID, stream: StreamID, step: Int, bytes: Int, checksum: UInt64) {
            (self.reader, self.stream, self.step) = (reader, stream, step)
            (self.bytes, self.checksum) = (bytes, checksum)
        }
    }
}

extension Message.BoundaryRecord: WireBody {
    init(reading form: Storyfarm__V1__BoundaryRecord, _ field: FieldReader) throws(WireError) {
        self.init(
            reader: try field.body(form.reader, "reader"),
            stream: try field.body(form.stream, "stream"),
            step: try field.integer(form.step, "step"),
            bytes: try field.integer(form.bytes, "bytes"),
            checksum: form.checksum)
    }

    func write(to form: inout Storyfarm__V1__BoundaryRecord, _ put: FieldWriter) throws(WireError) {
        form.reader = try put.body(reader)
        form.stream = try put.body(stream)
        form.step = try put.integer(step, "step")
        form.bytes = try put.integer(bytes, "bytes")
        form.checksum = checksum
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.range(step, "step", 0...WireLimits.steps)
        try field.range(bytes, "bytes", 1...WireLimits.boundaryBytes)
    }
}

extension Message {
    /// The log lacks what an attempt wrote, for instance after a power loss: it sends its records again.
    public struct BoundaryWanted: Equatable, Sendable {
        /// Whose records they are.
        public var attempt: AttemptID
        /// The first that is missing.
        public var fromStep: Int

        /// Limits are checked when the message is encoded.
        public init(attempt: AttemptID, fromStep: Int) {
            self.attempt = attempt
            self.fromStep = fromStep
        }
    }
}

extension Message.BoundaryWanted: WireBody {
    init(reading form: Storyfarm__V1__BoundaryWanted, _ field: FieldReader) throws(WireError) {
        self.init(
            attempt: try field.body(form.attempt, "attempt"),
            fromStep: try field.integer(form.from_step, "from_step"))
    }

    func write(to form: inout Storyfarm__V1__BoundaryWanted, _ put: FieldWriter) throws(WireError) {
        form.attempt = try put.body(attempt)
        form.from_step = try put.integer(fromStep, "from_step")
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.range(fromStep, "from_step", 0...WireLimits.steps)
    }
}

extension Message {
    /// What an attempt has read of its predecessor's stream is void: it stops.
    public struct BoundarySuperseded: Equatable, Sendable {
        /// Who must stop.
        public var reader: AttemptID
        /// In its current generation.
        public var stream: StreamID
        /// Records below it stay valid.
        public var fromStep: Int

        /// Limits are checked when the message is encoded.
        public init(reader: AttemptID, stream: StreamID, fromStep: Int) {
            self.reader = reader
            self.stream = stream
            self.fromStep = fromStep
        }
    }
}

extension Message.BoundarySuperseded: WireBody {
    init(reading form: Storyfarm__V1__BoundarySuperseded, _ field: FieldReader) throws(WireError) {
        self.init(
            reader: try field.body(form.reader, "reader"),
            stream: try field.body(form.stream, "stream"),
            fromStep: try field.integer(form.from_step, "from_step"))
    }

    func write(to form: inout Storyfarm__V1__BoundarySuperseded, _ put: FieldWriter) throws(WireError) {
        form.reader = try put.body(reader)
        form.stream = try put.body(stream)
        form.from_step = try put.integer(fromStep, "from_step")
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.range(fromStep, "from_step", 0...WireLimits.steps)
    }
}
