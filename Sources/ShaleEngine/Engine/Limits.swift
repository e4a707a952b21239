/// The engine's bounds.
///
/// Every one is checked where bytes enter.
public enum Limits {
    /// Partition key of an entry: that of an index has up to four attributes of 2,048 bytes, each possibly escaped to
    /// twice its size.
    public static let partitionKeySizeBytes = 17 * 1024
    /// Whole stored key of an entry: an index entry has up to 4 + 4 attributes and the primary key,
    /// each possibly escaped to twice its size.
    public static let keySizeBytes = 40 * 1024
    /// One value: a change of an item, with an old and a new image of 400 KB each and room for their encoding.
    public static let valueSizeBytes = 2 * 1024 * 1024
    /// One batch as a log record.
    ///
    /// The largest that the model can make is a transaction of 100 items: 4 MiB of new items, their
    /// old images of 400 KB each (40 MiB), and index entries with all attributes in 25 indexes (100
    /// MiB of new ones, 40 MiB of keys of old ones).
    public static let recordSizeBytes = 192 * 1024 * 1024
    /// Writes in one batch.
    public static let writesPerBatch = 100_000
    /// Tables in one database, indexes counted.
    public static let tables = 100_000
}
