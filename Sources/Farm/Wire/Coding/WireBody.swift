import CWire

/// A struct that protoc-c generated; every one begins with a `ProtobufCMessage`.
protocol GeneratedForm {
    init()
    /// Sets the descriptor and every field's default, as the generated `…__init` does.
    static func initialize(_ form: UnsafeMutablePointer<Self>)
    var base: ProtobufCMessage { get }
}

/// A Swift value of one message: read from a generated struct, written into one, checked both ways.
///
/// `check` holds all limits, so that what may be sent is exactly what is accepted.
protocol WireBody: Equatable, Sendable {
    associatedtype Form: GeneratedForm

    /// - Parameter form: already unpacked; its strings are valid UTF-8.
    init(reading form: Form, _ field: FieldReader) throws(WireError)

    /// - Parameter form: initialised; the pointers put into it are owned by the writer's arena.
    func write(to form: inout Form, _ put: FieldWriter) throws(WireError)

    /// Throws unless every value is within its limits; nested messages are checked by themselves.
    func check(_ field: FieldCheck) throws(WireError)
}

extension WireBody {
    /// Reads and checks; the form is borrowed.
    static func read(_ form: UnsafeMutablePointer<Form>) throws(WireError) -> Self {
        let name = MessageName(descriptor: form.pointee.base.descriptor)
        let value = try Self(reading: form.pointee, FieldReader(name: name))
        try value.check(FieldCheck(name: name))
        return value
    }

    /// Checks and writes; the form is the arena's.
    func placed(in arena: EncodingArena) throws(WireError) -> UnsafeMutablePointer<Form> {
        let form = arena.allocate(Form.self, count: 1)
        form.initialize(to: Form())
        Form.initialize(form)
        let name = MessageName(descriptor: form.pointee.base.descriptor)
        if arena.checksLimits { try check(FieldCheck(name: name)) }
        try write(to: &form.pointee, FieldWriter(name: name, arena: arena))
        return form
    }
}

/// Names the message in an error, without building the string before there is one.
struct MessageName {
    /// Points at generated constant data, which lives as long as the process.
    let descriptor: UnsafePointer<ProtobufCMessageDescriptor>

    func error(_ field: UnsafePointer<ProtobufCFieldDescriptor>, _ reason: WireError.Reason) -> WireError {
        error(String(cString: field.pointee.name), reason)
    }

    func error(_ field: String?, _ reason: WireError.Reason) -> WireError {
        WireError(message: String(cString: descriptor.pointee.short_name), field: field, reason: reason)
    }
}
