/// Every size of the ledger, in one place.
public enum LedgerLimits {
    /// Of the page cache, in KiB: the inner pages of a million segments and the leaves at hand.
    public static let cacheKiB = 64 << 10
    /// The WAL is moved into the database once it has so many pages of 4 KiB; until then a commit is one append and one
    /// fsync, and a page that changes often is written to the database once.
    public static let checkpointPages = 4096
    /// What a WAL that one big transaction made larger is cut back to, in bytes.
    public static let journalBytes = 64 << 20
    /// Stories of one page of a listing.
    public static let pageStories = 1000
}
