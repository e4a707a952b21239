/// The bounds of logs, as the service documents them where it has them.
package enum LogsLimits {
    /// Characters of a name.
    package static let nameLengths = 1...512
    /// Groups of a database.
    package static let groups = 10_000
    /// Tags of a group.
    package static let tags = 50
    /// Lines that one call writes.
    package static let linesPerWrite = 10_000
    /// Bytes that one call writes, each line counted with 26 more.
    package static let writeSizeBytes = 1_048_576
    /// What each line counts beside its text.
    package static let lineOverheadBytes = 26
    /// Bytes of one stored line; a longer one goes on in the next.
    package static let lineSizeBytes = 256 * 1024
    /// Lines that one read answers.
    package static let linesPerRead = 10_000
    /// Bytes that one read answers.
    package static let readSizeBytes = 1_048_576
    /// Days for which lines may be kept.
    package static let retentionDays: Set<Int> = [
        1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
        3288, 3653,
    ]
    /// Lines that go in one record of the log when they are deleted.
    static let deletionsPerRecord = 500
}
