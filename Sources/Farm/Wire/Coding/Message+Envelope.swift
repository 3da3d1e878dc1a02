import CWire

// One line per message and direction; both switches break the build when a message is added and forgotten here.

extension Message {
    /// - Parameter form: already unpacked and scanned.
    /// - Parameter unknown: the first field of the envelope that this build does not know, for the error.
    init(reading form: Storyfarm__V1__Envelope, unknown: UInt32?, _ field: FieldReader) throws(WireError) {
        switch form.body_case {
        case STORYFARM__V1__ENVELOPE__BODY_HELLO:
            self = .hello(try field.body(form.hello, "hello"))
        case STORYFARM__V1__ENVELOPE__BODY_ATTACH:
            self = .attach(try field.body(form.attach, "attach"))
        case STORYFARM__V1__ENVELOPE__BODY_WELCOME:
            self = .welcome(try field.body(form.welcome, "welcome"))
        case STORYFARM__V1__ENVELOPE__BODY_REFUSED:
            self = .refused(try field.body(form.refused, "refused"))
        case STORYFARM__V1__ENVELOPE__BODY_HEARTBEAT:
            self = .heartbeat(try field.body(form.heartbeat, "heartbeat"))
        case STORYFARM__V1__ENVELOPE__BODY_HEARTBEAT_ANSWER:
            self = .heartbeatAnswer(try field.body(form.heartbeat_answer, "heartbeat_answer"))
        case STORYFARM__V1__ENVELOPE__BODY_OFFER:
            self = .offer(try field.body(form.offer, "offer"))
        case STORYFARM__V1__ENVELOPE__BODY_DRAIN:
            self = .drain(try field.body(form.drain, "drain"))
        case STORYFARM__V1__ENVELOPE__BODY_BYE:
            self = .bye(try field.body(form.bye, "bye"))
        case STORYFARM__V1__ENVELOPE__BODY_LEASE_GRANT:
            self = .leaseGrant(try field.body(form.lease_grant, "lease_grant"))
        case STORYFARM__V1__ENVELOPE__BODY_RECALL:
            self = .recall(try field.body(form.recall, "recall"))
        case STORYFARM__V1__ENVELOPE__BODY_RELEASE:
            self = .release(try field.body(form.release, "release"))
        case STORYFARM__V1__ENVELOPE__BODY_PROBE:
            self = .probe(try field.body(form.probe, "probe"))
        case STORYFARM__V1__ENVELOPE__BODY_PROBED:
            self = .probed(try field.body(form.probed, "probed"))
        case STORYFARM__V1__ENVELOPE__BODY_PROGRESS:
            self = .progress(try field.body(form.progress, "progress"))
        case STORYFARM__V1__ENVELOPE__BODY_CHECKPOINT:
            self = .checkpoint(try field.body(form.checkpoint, "checkpoint"))
        case STORYFARM__V1__ENVELOPE__BODY_DENOISED:
            self = .denoised(try field.body(form.denoised, "denoised"))
        case STORYFARM__V1__ENVELOPE__BODY_DELIVERED:
            self = .delivered(try field.body(form.delivered, "delivered"))
        case STORYFARM__V1__ENVELOPE__BODY_FAILED:
            self = .failed(try field.body(form.failed, "failed"))
        case STORYFARM__V1__ENVELOPE__BODY_VERDICT:
            self = .verdict(try field.body(form.verdict, "verdict"))
        case STORYFARM__V1__ENVELOPE__BODY_BOUNDARY_APPEND:
            self = .boundaryAppend(try field.body(form.boundary_append, "boundary_append"))
        case STORYFARM__V1__ENVELOPE__BODY_BOUNDARY_STORED:
            self = .boundaryStored(try field.body(form.boundary_stored, "boundary_stored"))
        case STORYFARM__V1__ENVELOPE__BODY_BOUNDARY_READ:
            self = .boundaryRead(try field.body(form.boundary_read, "boundary_read"))
        case STORYFARM__V1__ENVELOPE__BODY_BOUNDARY_RECORD:
            self = .boundaryRecord(try field.body(form.boundary_record, "boundary_record"))
        case STORYFARM__V1__ENVELOPE__BODY_BOUNDARY_SUPERSEDED:
            self = .boundarySuperseded(try field.body(form.boundary_superseded, "boundary_superseded"))
        case STORYFARM__V1__ENVELOPE__BODY_BOUNDARY_WANTED:
            self = .boundaryWanted(try field.body(form.boundary_wanted, "boundary_wanted"))
        case STORYFARM__V1__ENVELOPE__BODY_CHUNK:
            self = .chunk(try field.body(form.chunk, "chunk"))
        case STORYFARM__V1__ENVELOPE__BODY_CREDIT:
            self = .credit(try field.body(form.credit, "credit"))
        case STORYFARM__V1__ENVELOPE__BODY_FETCH:
            self = .fetch(try field.body(form.fetch, "fetch"))
        case STORYFARM__V1__ENVELOPE__BODY_TRANSFER_ABORTED:
            self = .transferAborted(try field.body(form.transfer_aborted, "transfer_aborted"))
        case STORYFARM__V1__ENVELOPE__BODY_DEPOSIT:
            self = .deposit(try field.body(form.deposit, "deposit"))
        case STORYFARM__V1__ENVELOPE__BODY_NODE_HELLO:
            self = .nodeHello(try field.body(form.node_hello, "node_hello"))
        case STORYFARM__V1__ENVELOPE__BODY_WANT:
            self = .want(try field.body(form.want, "want"))
        case STORYFARM__V1__ENVELOPE__BODY_NODE_REPORT:
            self = .nodeReport(try field.body(form.node_report, "node_report"))
        default: throw field.name.error(nil, .unknownBody(unknown))
        }
    }

    func write(to form: inout Storyfarm__V1__Envelope, _ put: FieldWriter) throws(WireError) {
        switch self {
        case .hello(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_HELLO
            form.hello = try put.body(body)
        case .attach(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_ATTACH
            form.attach = try put.body(body)
        case .welcome(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_WELCOME
            form.welcome = try put.body(body)
        case .refused(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_REFUSED
            form.refused = try put.body(body)
        case .heartbeat(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_HEARTBEAT
            form.heartbeat = try put.body(body)
        case .heartbeatAnswer(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_HEARTBEAT_ANSWER
            form.heartbeat_answer = try put.body(body)
        case .offer(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_OFFER
            form.offer = try put.body(body)
        case .drain(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_DRAIN
            form.drain = try put.body(body)
        case .bye(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_BYE
            form.bye = try put.body(body)
        case .leaseGrant(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_LEASE_GRANT
            form.lease_grant = try put.body(body)
        case .recall(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_RECALL
            form.recall = try put.body(body)
        case .release(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_RELEASE
            form.release = try put.body(body)
        case .probe(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_PROBE
            form.probe = try put.body(body)
        case .probed(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_PROBED
            form.probed = try put.body(body)
        case .progress(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_PROGRESS
            form.progress = try put.body(body)
        case .checkpoint(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_CHECKPOINT
            form.checkpoint = try put.body(body)
        case .denoised(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_DENOISED
            form.denoised = try put.body(body)
        case .delivered(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_DELIVERED
            form.delivered = try put.body(body)
        case .failed(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_FAILED
            form.failed = try put.body(body)
        case .verdict(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_VERDICT
            form.verdict = try put.body(body)
        case .boundaryAppend(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_BOUNDARY_APPEND
            form.boundary_append = try put.body(body)
        case .boundaryStored(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_BOUNDARY_STORED
            form.boundary_stored = try put.body(body)
        case .boundaryRead(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_BOUNDARY_READ
            form.boundary_read = try put.body(body)
        case .boundaryRecord(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_BOUNDARY_RECORD
            form.boundary_record = try put.body(body)
        case .boundarySuperseded(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_BOUNDARY_SUPERSEDED
            form.boundary_superseded = try put.body(body)
        case .boundaryWanted(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_BOUNDARY_WANTED
            form.boundary_wanted = try put.body(body)
        case .chunk(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_CHUNK
            form.chunk = try put.body(body)
        case .credit(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_CREDIT
            form.credit = try put.body(body)
        case .fetch(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_FETCH
            form.fetch = try put.body(body)
        case .transferAborted(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_TRANSFER_ABORTED
            form.transfer_aborted = try put.body(body)
        case .deposit(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_DEPOSIT
            form.deposit = try put.body(body)
        case .nodeHello(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_NODE_HELLO
            form.node_hello = try put.body(body)
        case .want(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_WANT
            form.want = try put.body(body)
        case .nodeReport(let body):
            form.body_case = STORYFARM__V1__ENVELOPE__BODY_NODE_REPORT
            form.node_report = try put.body(body)
        }
    }
}
