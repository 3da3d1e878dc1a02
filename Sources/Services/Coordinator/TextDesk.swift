import ThreadExecutor

/// Where long texts are read and written: a thread of its own, since a MiB holds one up for some time, and neither the
/// dispatcher, which hears workers meanwhile, nor the pool may be.
actor TextDesk {
    private let executor = ThreadExecutor(name: "texts")

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    func work<Answer: Sendable, Failure: Error>(
        _ body: @Sendable () throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        try body()
    }
}
