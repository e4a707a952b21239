/// The moments at which a schedule is due: an expression, in a zone, between two dates.
///
/// A value; all in milliseconds since 1970-01-01 UTC.
///
/// Sources: the service's user guide, "Schedule types on EventBridge Scheduler", and `StartDate` and `EndDate` of its API.
package struct Occurrences: Sendable, Equatable {
    /// What tells the moments.
    package var expression: ScheduleExpression
    /// Whose clocks an expression with times of day means.
    package var zone: Zone
    /// When a rate begins to count: it is due then, and each so many seconds later.
    package var anchor: Int64
    /// Nothing is due before; one-time schedules pass it over.
    package var start: Int64?
    /// Nothing is due behind; one-time schedules pass it over.
    package var end: Int64?

    /// Puts the moments together.
    package init(
        _ expression: ScheduleExpression,
        in zone: Zone,
        anchor: Int64,
        start: Int64? = nil,
        end: Int64? = nil
    ) {
        self.expression = expression
        self.zone = zone
        self.anchor = anchor
        self.start = start
        self.end = end
    }

    /// The first moment behind another one; nil where there is none.
    ///
    /// Days of a rate are 24 hours. Of a cron expression, a time of day that clocks skip in spring is no moment; one
    /// that they show twice in autumn is one moment, the first.
    package func next(after moment: Int64) -> Int64? {
        switch expression {
        case .at(let local):
            // The guide says of cron alone what becomes of a time that clocks skip; once is meant to be once.
            let due =
                switch zone.moment(ofLocal: local) {
                case .at(let seconds), .skipped(let seconds): seconds * 1_000
                }
            return due > moment ? due : nil
        case .rate(let seconds):
            let first = max(anchor, start ?? .min)
            let period = seconds * 1_000
            let due = moment < first ? first : first + ((moment - first) / period + 1) * period
            return bounded(due)
        case .cron(let cron): return bounded(next(of: cron, after: moment))
        }
    }

    private func bounded(_ due: Int64?) -> Int64? {
        guard let due, end.map({ due <= $0 }) ?? true else { return nil }
        return due
    }

    private func next(of cron: CronExpression, after moment: Int64) -> Int64? {
        // The start itself may be due.
        let behind = max(moment, start.map { $0 - 1 } ?? moment)
        let seconds = Self.floor(behind, 1_000)
        var local = zone.local(at: seconds)
        while let found = cron.next(afterLocal: local) {
            // What clocks show the second time was due the first time.
            if case .at(let due) = zone.moment(ofLocal: found), due > seconds { return due * 1_000 }
            local = found
        }
        return nil
    }

    /// The last moment behind one that is not behind another; nil where there is none between them.
    package func last(after moment: Int64, notAfter limit: Int64) -> Int64? {
        guard let first = next(after: moment), first <= limit else { return nil }
        // Back in steps that double, until there is one; then on to the last.
        var span: Int64 = 60_000
        while limit - span > moment {
            if var last = next(after: limit - span), last <= limit {
                while let later = next(after: last), later <= limit { last = later }
                return last
            }
            span *= 2
        }
        var last = first
        while let later = next(after: last), later <= limit { last = later }
        return last
    }

    private static func floor(_ number: Int64, _ divisor: Int64) -> Int64 {
        number >= 0 ? number / divisor : -((-number + divisor - 1) / divisor)
    }
}
