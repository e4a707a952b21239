internal import ShaleTables

/// Hours of use and what they cost, by tables and indexes and by days.
package struct UsageReport: Sendable {
    /// One table, index or function, over all days.
    package struct Resource: Sendable {
        /// "Music", "Music/ByGenre" or "function:play".
        package var name: String
        /// All of its hours, added up.
        package var total: UsageHour
        /// What they cost.
        package var bill: Bill
    }

    /// One day, over all tables and indexes.
    package struct Day: Sendable {
        /// Days since 1970-01-01 UTC.
        package var day: Int64
        /// What it cost.
        package var bill: Bill
    }

    /// In the order of their names.
    package var resources: [Resource]
    /// In their order; those without use are left out.
    package var days: [Day]
    /// Everything.
    package var total: Bill

    /// Adds up hours.
    package init(_ hours: [UsageHour], _ prices: PriceList) {
        let byName = Dictionary(grouping: hours) { hour in
            hour.tableName + (hour.indexName.map { "/\($0)" } ?? "")
        }
        resources = byName.sorted { $0.key < $1.key }.map { name, hours in
            Resource(name: name, total: Self.sum(hours), bill: prices.bill(hours))
        }
        total = resources.reduce(Bill()) { $0 + $1.bill }
        let byDay = Dictionary(grouping: hours, by: \.day)
        days = byDay.sorted { $0.key < $1.key }.map { day, hours in
            let bills = Dictionary(grouping: hours) { hour in
                hour.tableName + "/" + (hour.indexName ?? "")
            }
            return Day(day: day, bill: bills.values.reduce(Bill()) { $0 + prices.bill($1) })
        }
    }

    private static func sum(_ hours: [UsageHour]) -> UsageHour {
        var sum = hours[0]
        for hour in hours.dropFirst() {
            sum.count = sum.count + hour.count
            sum.byteSeconds += hour.byteSeconds
            sum.requests += hour.requests
            sum.megabyteMilliseconds += hour.megabyteMilliseconds
            sum.backupByteSeconds += hour.backupByteSeconds
            sum.peakReadHalves = max(sum.peakReadHalves, hour.peakReadHalves)
            sum.peakWriteHalves = max(sum.peakWriteHalves, hour.peakWriteHalves)
        }
        return sum
    }
}
