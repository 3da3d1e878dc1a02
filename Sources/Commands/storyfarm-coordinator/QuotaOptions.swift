import ArgumentParser
import Console
import Coordinator

/// How much of the farm one submitter may hold.
struct QuotaOptions: ParsableArguments {
    @Option(help: .setting(.quotaStories, valueName: "stories"))
    var quotaStories = Configuration.current.integer(.quotaStories)
    @Option(help: .setting(.quotaSegments, valueName: "segments"))
    var quotaSegments = Configuration.current.integer(.quotaSegments)
    @Option(name: .customLong("quota-mib"), help: .setting(.quotaMebibytes, valueName: "MiB"))
    var quotaMebibytes = Configuration.current.integer(.quotaMebibytes)

    func value() throws -> SubmitterQuota {
        try Setting.quotaStories.check(quotaStories)
        try Setting.quotaSegments.check(quotaSegments)
        try Setting.quotaMebibytes.check(quotaMebibytes)
        return SubmitterQuota(
            stories: quotaStories, segments: quotaSegments, bytes: quotaMebibytes == 0 ? .max : quotaMebibytes << 20)
    }
}
