internal import ShalePlatform

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
                throw tooManyDecreases(at: now)
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

    /// The next hour, or the next day if that comes first.
    private func tooManyDecreases(at now: Int64) -> DatabaseError {
        let last = lastDecreaseMilliseconds ?? now
        let tomorrow = (now / Self.dayMilliseconds + 1) * Self.dayMilliseconds
        let next = min(last + Self.hourMilliseconds, tomorrow)
        return DatabaseError(
            .limitExceeded,
            "Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC day. "
                + "After the first 4 decreases, each subsequent decrease in the same UTC day can be performed "
                + "at most once every 3600 seconds. Number of decreases today: \(decreasesToday(at: now)). "
                + "Last decrease at \(CivilDate(containing: last).longText). "
                + "Next decrease can be made at \(CivilDate(notBefore: next).longText)"
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
            // When the oldest of the latest four counts no more.
            let next = recent[recent.count - Self.most] + Self.windowMilliseconds
            let last = recent[recent.count - 1]
            throw DatabaseError(
                .limitExceeded,
                "Subscriber limit exceeded: Update to PayPerRequest mode are limited to \(Self.most) times in 1 "
                    + "day(s). Last update at \(CivilDate(containing: last).unixText). Next update can be made at "
                    + CivilDate(notBefore: next).unixText
            )
        }
        milliseconds = recent + [now]
    }
}

extension CivilDate {
    /// The second in which a time lies.
    fileprivate init(containing milliseconds: Int64) { self.init(seconds: milliseconds / 1_000) }

    /// The first second that is not before a time: who waits until then has waited long enough.
    fileprivate init(notBefore milliseconds: Int64) {
        self.init(seconds: (milliseconds + 999) / 1_000)
    }
}
