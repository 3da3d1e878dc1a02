import ArgumentParser
import Console
import Coordinator

/// How much of the farm one submitter may hold.
struct QuotaOptions: ParsableArguments {
    @Option(help: "Stories of one submitter that have not ended.")
    var quotaStories = SubmitterQuota.usual.stories
    @Option(help: "Segments of one submitter that are still to be rendered.")
    var quotaSegments = SubmitterQuota.usual.segments
    @Option(
        name: .customLong("quota-mib"),
        help: "MiB of files that one submitter's stories may have before new ones are refused; 0 for any number.")
    var quotaMebibytes = 0

    func value() throws -> SubmitterQuota {
        for (name, value, least) in [
            ("--quota-stories", quotaStories, 1), ("--quota-segments", quotaSegments, 1),
            ("--quota-mib", quotaMebibytes, 0),
        ] {
            guard least...Int(Int32.max) ~= value else {
                throw WrongInput("\(name) is \(value), expected \(least) to \(Int32.max)")
            }
        }
        return SubmitterQuota(
            stories: quotaStories, segments: quotaSegments, bytes: quotaMebibytes == 0 ? .max : quotaMebibytes << 20)
    }
}
