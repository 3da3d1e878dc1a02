import CWire
public import Farm

extension Message {
    /// The coordinator hands a segment to a worker. Whatever it replaces is durable before this leaves.
    public struct LeaseGrant: Equatable, Sendable {
        /// Names the segment, the lease and the segment's own generation; every report repeats it.
        public var attempt: AttemptID
        /// What to render.
        public var recipe: Recipe
        /// What to do with it.
        public var job: Job

        /// The phase of the lease, with what that phase needs.
        public enum Job: Equatable, Sendable {
            /// Holds the GPU.
            case denoising(DenoisingJob)
            /// Runs beside the next segment's denoising.
            case delivering(DeliveringJob)
        }

        /// Follows from the job.
        public var phase: LeasePhase {
            switch job {
            case .denoising: .denoising
            case .delivering: .delivering
            }
        }

        /// Limits are checked when the message is encoded.
        public init(attempt: AttemptID, recipe: Recipe, job: Job) {
            self.attempt = attempt
            self.recipe = recipe
            self.job = job
        }
    }
}

extension Message.LeaseGrant: WireBody {
    init(reading form: Storyfarm__V1__LeaseGrant, _ field: FieldReader) throws(WireError) {
        attempt = try field.body(form.attempt, "attempt")
        recipe = try field.body(form.recipe, "recipe")
        switch form.job_case {
        case STORYFARM__V1__LEASE_GRANT__JOB_DENOISING:
            job = .denoising(try field.body(form.denoising, "denoising"))
        case STORYFARM__V1__LEASE_GRANT__JOB_DELIVERING:
            job = .delivering(try field.body(form.delivering, "delivering"))
        default:
            throw field.name.error("job", .missing)
        }
    }

    func write(to form: inout Storyfarm__V1__LeaseGrant, _ put: FieldWriter) throws(WireError) {
        form.attempt = try put.body(attempt)
        form.recipe = try put.body(recipe)
        switch job {
        case .denoising(let job):
            form.job_case = STORYFARM__V1__LEASE_GRANT__JOB_DENOISING
            form.denoising = try put.body(job)
        case .delivering(let job):
            form.job_case = STORYFARM__V1__LEASE_GRANT__JOB_DELIVERING
            form.delivering = try put.body(job)
        }
    }

    func check(_ field: FieldCheck) throws(WireError) {}
}
