/// Does what takes a while with long texts on another thread than the caller's actor, which hears workers meanwhile.
@concurrent
func aside<Answer: Sendable, Failure: Error>(
    _ work: @Sendable () throws(Failure) -> Answer
) async throws(Failure) -> Answer {
    try work()
}
