/// A farm with a bug, one for each thing that must never happen: the oracle has to notice every one of them.
enum Mutant: CaseIterable {
    // Accepted is kept.
    /// Says that a story is accepted before it is durable.
    case acceptsEarly
    /// Says what was decided before it is durable.
    case performsEarly
    /// Takes stories for which there is no room.
    case submitsToAFullDisk
    /// Removes files that are still named.
    case dropsTooMuch

    // Every story ends.
    /// Never looks at the clock.
    case isNeverLate
    /// Takes no worker from a story's later segment for its first.
    case swallowsRecalls

    // Fences.
    /// Takes every report as if it were of the current lease.
    case believesEveryone
    /// Forgets a lease that it gave when it is killed.
    case forgetsLeases
    /// Takes finished latents once more.
    case acceptsTwice
    /// Gives a busy worker more.
    case forgetsWhoIsBusy

    // Lineage.
    /// Lets a later write of a record win.
    case overwritesRecords
    /// Gives a reader another record than the log has, and asks nobody what was read.
    case mixesRecordsUp
    /// Blends a step with a record that has been used already.
    case blendsTwice

    // Bounds and shares.
    /// Removes nothing.
    case dropsNothing
    /// Lets delivered segments wait on.
    case forgetsTheQueue
    /// Counts every story as another submitter's.
    case blursSubmitters

    // Determinism.
    case rollsDice
}
