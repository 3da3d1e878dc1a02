import CWire
import Farm

extension Held: WireBody {
    init(reading form: Storyfarm__V1__Held, _ field: FieldReader) throws(WireError) {
        self.init(
            attempt: try field.body(form.attempt, "attempt"),
            phase: try field.code(form.phase, "phase"),
            activity: try field.code(form.activity, "activity"),
            step: try field.integer(form.step, "step"),
            activityTime: try field.duration(microseconds: form.activity_us, "activity_us"))
    }

    func write(to form: inout Storyfarm__V1__Held, _ put: FieldWriter) throws(WireError) {
        form.attempt = try put.body(attempt)
        form.phase = put.code(phase)
        form.activity = put.code(activity)
        form.step = try put.integer(step, "step")
        form.activity_us = put.microseconds(activityTime)
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.range(step, "step", 0...WireLimits.steps)
        try field.duration(activityTime, "activity_us")
    }
}

// It tells a hang from a wait, so it is closed.
extension Held.Activity: WireCode {}
