import CWire
import Farm
import Testing
import WireSamples

@testable import Wire

/// Goal: `Protos/` keeps to what the scan and the Swift values take for granted.
/// Method: walk the generated descriptors from the envelope down.
@Suite struct SchemaTests {
    private typealias Descriptor = UnsafePointer<ProtobufCMessageDescriptor>

    private static func envelope() -> Descriptor {
        var form = Storyfarm__V1__Envelope()
        storyfarm__v1__envelope__init(&form)
        return form.base.descriptor
    }

    private static func fields(of descriptor: Descriptor) -> [ProtobufCFieldDescriptor] {
        (0..<Int(descriptor.pointee.n_fields)).map { descriptor.pointee.fields[$0] }
    }

    private static func inner(_ field: ProtobufCFieldDescriptor) -> Descriptor? {
        guard field.type == PROTOBUF_C_TYPE_MESSAGE else { return nil }
        return field.descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self)
    }

    /// Every message on every way down, with its depth.
    private static func visit(
        _ descriptor: Descriptor, above: [Descriptor] = [], _ body: (Descriptor, _ above: [Descriptor]) -> Bool
    ) {
        guard body(descriptor, above) else { return }
        for field in fields(of: descriptor) {
            guard let inner = inner(field) else { continue }
            visit(inner, above: above + [descriptor], body)
        }
    }

    @Test func noMessageContainsItself() {
        Self.visit(Self.envelope()) { descriptor, above in
            let isNew = !above.contains(descriptor)
            #expect(isNew, "\(String(cString: descriptor.pointee.name))")
            return isNew
        }
    }

    @Test func nestingStaysBelowTheLimit() {
        var deepest = 0
        Self.visit(Self.envelope()) { _, above in
            deepest = max(deepest, above.count + 1)
            return above.count < 100
        }
        #expect(deepest == 6)
        #expect(deepest <= WireLimits.depth)
    }

    @Test func onlyMessagesRepeat() {
        Self.visit(Self.envelope()) { descriptor, above in
            for field in Self.fields(of: descriptor) where field.label == PROTOBUF_C_LABEL_REPEATED {
                #expect(field.type == PROTOBUF_C_TYPE_MESSAGE, "\(String(cString: field.name))")
            }
            return above.count < 100
        }
    }

    @Test func noMessageHasMoreFieldsThanTheScanCanMark() {
        Self.visit(Self.envelope()) { descriptor, above in
            #expect(descriptor.pointee.n_fields <= 64)
            return above.count < 100
        }
    }

    @Test func everyBodyOfTheEnvelopeIsDrawnInTheseTests() throws {
        var drawn: Set<UInt64> = []
        for kind in MessageSampler.kinds {
            var sampler = MessageSampler(seed: 1)
            let records = try #require(FieldRecords(parsing: kind.draw(&sampler).encoded()))
            drawn.insert(try #require(FieldRecords.number(of: records.records[1])))
        }
        let declared = Self.fields(of: Self.envelope()).map { UInt64($0.id) }.filter { $0 != 1 }
        #expect(drawn == Set(declared))
        #expect(MessageSampler.kinds.count == declared.count)
    }

    // MARK: Enumerations

    /// The values of every enumeration in use, by name.
    private static func enumerations() -> [String: [String: Int32]] {
        var found: [String: [String: Int32]] = [:]
        visit(envelope()) { descriptor, above in
            for field in fields(of: descriptor) where field.type == PROTOBUF_C_TYPE_ENUM {
                let enumeration = field.descriptor.assumingMemoryBound(to: ProtobufCEnumDescriptor.self).pointee
                let values = (0..<Int(enumeration.n_values)).map { enumeration.values[$0] }
                found[String(cString: enumeration.short_name)] = Dictionary(
                    uniqueKeysWithValues: values.map { (String(cString: $0.name), $0.value) })
            }
            return above.count < 100
        }
        return found
    }

    /// `nonFinite` of `FailureClass` is `FAILURE_CLASS_NON_FINITE`.
    private static func screaming(_ camel: String) -> String {
        camel.reduce(into: "") { $0 += ($1.isUppercase && !$0.isEmpty ? "_" : "") + $1.uppercased() }
    }

    private static func swift<Code: WireCode & CaseIterable>(_ type: Code.Type) -> (String, [String: Int32]) {
        let name = "\(type)"
        let cases = Code.allCases.map { (screaming(name) + "_" + screaming("\($0)"), $0.wireValue) }
        return (name, Dictionary(uniqueKeysWithValues: cases + [(screaming(name) + "_ABSENT", 0)]))
    }

    private static func swift<Code: RawRepresentable<Int32> & CaseIterable>(
        open type: Code.Type
    ) -> (String, [String: Int32]) {
        let name = "\(type)"
        let cases = Code.allCases.map { (screaming(name) + "_" + screaming("\($0)"), $0.rawValue) }
        return (name, Dictionary(uniqueKeysWithValues: cases + [(screaming(name) + "_ABSENT", 0)]))
    }

    @Test func enumerationsInSwiftAreThoseOfTheProtos() {
        let swift = [
            Self.swift(LeasePhase.self), Self.swift(FailureClass.self), Self.swift(Held.Activity.self),
            Self.swift(FarmReport.self), Self.swift(ReportOutcome.self), Self.swift(Message.TransferKind.self),
            Self.swift(ExitCause.self), Self.swift(open: Message.RefusalReason.self),
            Self.swift(open: Message.DrainReason.self), Self.swift(open: Message.ByeReason.self),
            Self.swift(open: RecallReason.self), Self.swift(open: ReleaseReason.self),
            Self.swift(open: Message.PreviewFormat.self), Self.swift(open: Message.AbortReason.self),
            Self.swift(open: Message.NodeWorkerState.self),
        ]
        #expect(Dictionary(uniqueKeysWithValues: swift) == Self.enumerations())
    }
}
