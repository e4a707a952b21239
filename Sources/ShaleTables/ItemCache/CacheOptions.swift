/// What a database keeps of items and pages that were asked for, beside the blocks that hold them.
public struct CacheOptions: Sendable {
    /// Memory for items by key, taken from the block cache as it fills; 0 is no item cache.
    ///
    /// Bytes; default 0, nil is an eighth of the memory budget. The items are never older than what any reader has seen, so
    /// reads of both kinds use it.
    public var itemBytes: Int? = 0
    /// How long an item stays at most.
    ///
    /// Default 5 minutes. It bounds how long memory is taken, and nothing else: an item goes when it is written.
    public var itemLifetime = Duration.seconds(300)
    /// Of which tables pages of queries and scans are kept, and how long at most.
    ///
    /// Default none. Such a page may be older than writes that have ended, by this much; reads that ask
    /// for consistency do not use it.
    public var pageLifetimes: [String: Duration] = [:]
    /// Memory for such pages; none of it is taken before the first is kept.
    ///
    /// Bytes; nil is a sixteenth of the memory budget.
    public var pageBytes: Int?

    /// How long pages of a table are kept where nothing else is said: 5 minutes.
    public static let pageLifetime = Duration.seconds(300)

    /// The defaults.
    public init() {}

    /// Nothing is kept.
    public static var none: CacheOptions {
        var options = CacheOptions()
        options.itemBytes = 0
        return options
    }
}
