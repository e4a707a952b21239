/// What a follower is doing.
public struct FollowerStatus: Sendable, Equatable {
    /// Whether it has ended: it was stopped, or the database was closed.
    public var isStopped = false
    /// Changes that were taken since it was started.
    public var taken = 0
    /// Changes that were given up since it was started.
    public var givenUp = 0
    /// When the last change was written that was taken or given up: milliseconds since 1970-01-01 UTC.
    public var lastMilliseconds: Int64?
    /// What went wrong the last time, until something goes right.
    public var problem: String?
}
