import CWire

// Every struct that protoc-c generates, with the function that sets its descriptor and defaults.

extension Storyfarm__V1__Segment: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__segment__init(form) }
}

extension Storyfarm__V1__Lease: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__lease__init(form) }
}

extension Storyfarm__V1__Stream: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__stream__init(form) }
}

extension Storyfarm__V1__Attempt: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__attempt__init(form) }
}

extension Storyfarm__V1__GenerationSpan: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__generation_span__init(form) }
}

extension Storyfarm__V1__Consumed: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__consumed__init(form) }
}

extension Storyfarm__V1__Artifact: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__artifact__init(form) }
}

extension Storyfarm__V1__DeviceKind: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__device_kind__init(form) }
}

extension Storyfarm__V1__Device: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__device__init(form) }
}

extension Storyfarm__V1__Envelope: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__envelope__init(form) }
}

extension Storyfarm__V1__LeaseGrant: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__lease_grant__init(form) }
}

extension Storyfarm__V1__Recipe: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__recipe__init(form) }
}

extension Storyfarm__V1__DenoisingJob: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__denoising_job__init(form) }
}

extension Storyfarm__V1__Predecessor: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__predecessor__init(form) }
}

extension Storyfarm__V1__ResumePoint: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__resume_point__init(form) }
}

extension Storyfarm__V1__DeliveringJob: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__delivering_job__init(form) }
}

extension Storyfarm__V1__Recall: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__recall__init(form) }
}

extension Storyfarm__V1__Release: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__release__init(form) }
}

extension Storyfarm__V1__Probe: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__probe__init(form) }
}

extension Storyfarm__V1__Probed: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__probed__init(form) }
}

extension Storyfarm__V1__NodeHello: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__node_hello__init(form) }
}

extension Storyfarm__V1__Want: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__want__init(form) }
}

extension Storyfarm__V1__Spare: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__spare__init(form) }
}

extension Storyfarm__V1__NodeReport: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__node_report__init(form) }
}

extension Storyfarm__V1__NodeWorker: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__node_worker__init(form) }
}

extension Storyfarm__V1__WorkerExit: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__worker_exit__init(form) }
}

extension Storyfarm__V1__Progress: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__progress__init(form) }
}

extension Storyfarm__V1__Preview: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__preview__init(form) }
}

extension Storyfarm__V1__Checkpoint: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__checkpoint__init(form) }
}

extension Storyfarm__V1__Denoised: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__denoised__init(form) }
}

extension Storyfarm__V1__Delivered: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__delivered__init(form) }
}

extension Storyfarm__V1__Failed: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__failed__init(form) }
}

extension Storyfarm__V1__Verdict: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__verdict__init(form) }
}

extension Storyfarm__V1__Hello: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__hello__init(form) }
}

extension Storyfarm__V1__Attach: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__attach__init(form) }
}

extension Storyfarm__V1__Welcome: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__welcome__init(form) }
}

extension Storyfarm__V1__Refused: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__refused__init(form) }
}

extension Storyfarm__V1__Held: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__held__init(form) }
}

extension Storyfarm__V1__Heartbeat: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__heartbeat__init(form) }
}

extension Storyfarm__V1__HeartbeatAnswer: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__heartbeat_answer__init(form) }
}

extension Storyfarm__V1__Offer: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__offer__init(form) }
}

extension Storyfarm__V1__Model: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__model__init(form) }
}

extension Storyfarm__V1__Drain: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__drain__init(form) }
}

extension Storyfarm__V1__Bye: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__bye__init(form) }
}

extension Storyfarm__V1__BoundaryAppend: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__boundary_append__init(form) }
}

extension Storyfarm__V1__BoundaryStored: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__boundary_stored__init(form) }
}

extension Storyfarm__V1__BoundaryRead: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__boundary_read__init(form) }
}

extension Storyfarm__V1__BoundaryRecord: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__boundary_record__init(form) }
}

extension Storyfarm__V1__BoundarySuperseded: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__boundary_superseded__init(form) }
}

extension Storyfarm__V1__BoundaryWanted: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__boundary_wanted__init(form) }
}

extension Storyfarm__V1__Chunk: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__chunk__init(form) }
}

extension Storyfarm__V1__Deposit: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__deposit__init(form) }
}

extension Storyfarm__V1__Credit: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__credit__init(form) }
}

extension Storyfarm__V1__Fetch: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__fetch__init(form) }
}

extension Storyfarm__V1__TransferAborted: GeneratedForm {
    static func initialize(_ form: UnsafeMutablePointer<Self>) { storyfarm__v1__transfer_aborted__init(form) }
}
