/// How much timers may be.
package enum TimerLimits {
    /// Bytes of an id.
    package static let idBytes = 1...512
    /// Bytes of a note, counted as DynamoDB counts items.
    package static let noteBytes = 1_024
    /// Timers of one owner that one reading takes into memory.
    static let window = 2_048
    /// Of one owner at the same time, where it does not say otherwise.
    package static let sideBySide = 64
    /// Fired timers that one record of the log deletes.
    static let deletionsPerRecord = 512
    /// How long fired timers wait for others to be deleted with.
    static let deletionDelay = Duration.milliseconds(20)
    /// The longest pause: so late a jump of the time of day can be noticed.
    static let longestPauseMilliseconds: Int64 = 10_000
    /// The wait before a table is read again that could not be.
    static let readingDelayMilliseconds: Int64 = 1_000
}
