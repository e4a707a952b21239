/// When the provisioned throughput of a table or index was changed, and what that allows.
///
/// A throughput may be lowered four times a day of UTC, and once more in every hour in which it has not been: at most 27 times a day. Of
/// tables and indexes each counts by itself.
struct ThroughputChanges: Sendable, Equatable {
    /// When it was last raised: milliseconds since 1970-01-01 UTC.
    var lastIncreaseMilliseconds: Int64?
    /// When it was last lowered.
    var lastDecreaseMilliseconds: Int64?
    /// How often it was lowered on the day on which it last was.
    var decreases = 0

    private static let dayMilliseconds: Int64 = 24 * 60 * 60 * 1000
    private static let hourMilliseconds: Int64 = 60 * 60 * 1000
    private static let freeDecreases = 4

    /// How often it was lowered on the day of `now`.
    func decreasesToday(at now: Int64) -> Int {
        guard let last = lastDecreaseMilliseconds else { return 0 }
        return last / Self.dayMilliseconds == now / Self.dayMilliseconds ? decreases : 0
    }

    /// The throughput becomes another one.
    ///
    /// - Throws: `.limitExceeded` when it was lowered too often.
    mutating func note(
        from old: ProvisionedThroughput,
        to new: ProvisionedThroughput,
        at now: Int64
    ) throws(DatabaseError) {
        if new.readCapacityUnits < old.readCapacityUnits
            || new.writeCapacityUnits < old.writeCapacityUnits
        {
            let today = decreasesToday(at: now)
            let rest = now - (lastDecreaseMilliseconds ?? .min / 2)
            guard today < Self.freeDecreases || rest >= Self.hourMilliseconds else {
                throw Self.tooManyDecreases(today)
            }
            decreases = today + 1
            lastDecreaseMilliseconds = now
        }
        if new.readCapacityUnits > old.readCapacityUnits
            || new.writeCapacityUnits > old.writeCapacityUnits
        {
            lastIncreaseMilliseconds = now
        }
    }

    private static func tooManyDecreases(_ today: Int) -> DatabaseError {
        DatabaseError(
            .limitExceeded,
            "Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC day. "
                + "After the first 4 decreases, each subsequent decrease in the same UTC day can be performed "
                + "at most once every 3600 seconds. Number of decreases today: \(today)."
        )
    }
}

/// When a table was set to be paid by request: four times in 24 hours, and back at any time.
struct BillingSwitches: Sendable, Equatable {
    /// The latest, oldest first: milliseconds since 1970-01-01 UTC.
    var milliseconds: [Int64] = []

    private static let most = 4
    private static let windowMilliseconds: Int64 = 24 * 60 * 60 * 1000

    /// The table is set to be paid by request.
    ///
    /// - Throws: `.limitExceeded` when it was too often.
    mutating func note(at now: Int64) throws(DatabaseError) {
        let recent = milliseconds.filter { $0 > now - Self.windowMilliseconds }
        guard recent.count < Self.most else {
            throw DatabaseError(
                .limitExceeded,
                "Subscriber limit exceeded: Update to PayPerRequest mode are limited to \(Self.most) times in 1 "
                    + "day(s)."
            )
        }
        milliseconds = recent + [now]
    }
}
