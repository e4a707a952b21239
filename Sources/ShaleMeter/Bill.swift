internal import ShaleTables

/// What hours of use cost by a price list.
package struct Bill: Sendable, Equatable {
    /// Units that were read, paid by request.
    package var reads = 0.0
    /// Units that were written, paid by request.
    package var writes = 0.0
    /// Items and index entries.
    package var storage = 0.0
    /// On-demand backups.
    package var backups = 0.0
    /// Calls that read streams.
    package var streams = 0.0
    /// Invocations of functions.
    package var functionRequests = 0.0
    /// Memory of functions over time.
    package var functionMemory = 0.0
    /// The same reads and writes with provisioned units that follow the traffic, hour by hour.
    package var scaled = 0.0
    /// The same with provisioned units that are always enough for the busiest hour.
    package var provisioned = 0.0

    /// Everything, paid by request.
    package var onDemand: Double { reads + writes + others }

    /// What is paid in the same way however units are.
    package var others: Double { storage + backups + streams + functionRequests + functionMemory }

    /// Nothing.
    package init() {}

    /// The sum.
    package static func + (left: Bill, right: Bill) -> Bill {
        var sum = left
        sum.reads += right.reads
        sum.writes += right.writes
        sum.storage += right.storage
        sum.backups += right.backups
        sum.streams += right.streams
        sum.functionRequests += right.functionRequests
        sum.functionMemory += right.functionMemory
        sum.scaled += right.scaled
        sum.provisioned += right.provisioned
        return sum
    }
}

extension PriceList {
    /// Bytes of a GB, as the service counts storage: 2 to the power of 30.
    private static let gigabyte = 1_073_741_824.0
    /// Seconds of a month of 30 days.
    private static let monthSeconds = 30.0 * 24 * 60 * 60

    /// Megabytes of a GB of memory.
    private static let gigabyteMegabytes = 1_024.0

    /// What hours of one table, index or function cost.
    ///
    /// Provisioned units are whole, at least one, and so many that the busiest time between two foldings uses the target's part of
    /// them. `provisioned` counts them for each hour in which the resource was metered.
    package func bill(_ hours: [UsageHour]) -> Bill {
        var bill = Bill()
        for hour in hours {
            bill.functionRequests += Double(hour.requests) * millionFunctionRequests / 1e6
            let gigabyteMilliseconds = Double(hour.megabyteMilliseconds) / Self.gigabyteMegabytes
            bill.functionMemory += gigabyteMilliseconds * functionGigabyteSecond / 1e3
        }
        // A function has no units.
        if hours.first?.functionName != nil { return bill }
        var mostReads = 1.0
        var mostWrites = 1.0
        for hour in hours {
            bill.reads += Double(hour.count.readHalves) / 2 * millionReadRequestUnits / 1e6
            bill.writes += Double(hour.count.writeHalves) / 2 * millionWriteRequestUnits / 1e6
            bill.storage += Self.gigabyteMonths(hour.byteSeconds) * gigabyteMonth
            bill.backups += Self.gigabyteMonths(hour.backupByteSeconds) * backupGigabyteMonth
            bill.streams += Double(hour.count.streamReads) * hundredThousandStreamReads / 1e5
            let (reads, writes) = (units(hour.peakReadHalves), units(hour.peakWriteHalves))
            bill.scaled += reads * readUnitHour + writes * writeUnitHour
            mostReads = max(mostReads, reads)
            mostWrites = max(mostWrites, writes)
        }
        let all = Double(hours.count)
        bill.provisioned = all * (mostReads * readUnitHour + mostWrites * writeUnitHour)
        return bill
    }

    private static func gigabyteMonths(_ byteSeconds: Int) -> Double {
        Double(byteSeconds) / gigabyte / monthSeconds
    }

    /// Whole units of which a peak uses the target's part.
    private func units(_ peakHalves: Int) -> Double {
        let share = min(100, max(1, targetUtilizationPercent)) / 100
        return max(1, (Double(peakHalves) / 2 / share).rounded(.up))
    }
}
