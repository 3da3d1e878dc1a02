import CWire
public import Farm

extension Message {
    /// The second phase: from finished latents to an encoded segment.
    public struct DeliveringJob: Equatable, Sendable {
        /// What to expect from ``Fetch``, or what the worker still has.
        public var latents: Artifact

        /// Limits are checked when the message is encoded.
        public init(latents: Artifact) {
            self.latents = latents
        }
    }
}

extension Message.DeliveringJob: WireBody {
    init(reading form: Storyfarm__V1__DeliveringJob, _ field: FieldReader) throws(WireError) {
        self.init(
            latents: try field.body(form.latents, "latents"))
    }

    func write(to form: inout Storyfarm__V1__DeliveringJob, _ put: FieldWriter) throws(WireError) {
        form.latents = try put.body(latents)
    }

    func check(_ field: FieldCheck) throws(WireError) {}
}
