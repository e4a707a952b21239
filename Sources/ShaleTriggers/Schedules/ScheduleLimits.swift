/// How much schedules may be: the service's quotas, and what it sets where a client does not.
package enum ScheduleLimits {
    /// Schedules of an account.
    static let schedules = 1_000_000
    /// Groups of an account.
    static let groups = 500
    /// Tags of a group.
    static let tags = 50
    /// How old a firing may get, where nothing is said: a day.
    static let eventAgeSeconds = 86_400
    /// How often one that could not start its target is tried again, where nothing is said.
    static let retries = 185
    /// How far in the past a start may be.
    static let startAgeMilliseconds: Int64 = 300_000
    /// How long a client's token makes a repetition do nothing.
    static let tokenMilliseconds: Int64 = 600_000
    /// The wait after what could not be noted, or has a zone that has gone from the machine.
    static let failureMilliseconds: Int64 = 5_000
    /// The wait of what names a target that this server does not run, as functions where it is told to run none.
    static let absenceMilliseconds: Int64 = 300_000
    /// Schedules that are read at a time to be deleted with their group.
    static let deletedAtATime = 100
}
