internal import ShaleEngine
internal import ShaleItems
internal import ShalePlatform

// A database whose clock can be set forward, so that a week's work is tested in a moment.
//
//     $clock   partition key  name   S   clock
//                             ahead  N   how far the clock is ahead of the real one, in milliseconds
//
// The table is made with the database and marks it: such a database is never opened for writing with the real clock, which would
// go back, and no other one with this. How far the clock is ahead is on the disk before anybody sees it.

extension Database {
    private static let clockTable = "$clock"
    private static let clockKey: Item = ["name": "clock"]

    /// Sets the clock as far ahead as it was when the database was last open.
    ///
    /// - Throws: `.validation` where the database was made for the other kind of clock.
    func resumeClock() async throws(DatabaseError) {
        let isMarked = catalog.systemTable(Self.clockTable) != nil
        guard let time = world.virtualTime else {
            guard !isMarked else { throw .isVirtual }
            return
        }
        guard isMarked || (catalog.tables.isEmpty && catalog.systemTableCount == 0) else {
            throw .isReal
        }
        if let number = try await clock().item(Self.clockKey)?["ahead"]?.numberValue?.intValue {
            time.set(aheadMilliseconds: Int64(number))
        }
    }

    /// Sets the clock forward; its new time is on the disk first.
    ///
    /// - Parameter milliseconds: More than zero.
    /// - Returns: The new time, in milliseconds since 1970.
    /// - Throws: `.validation` where the clock is the real one or would be too far ahead, `.internalFailure`.
    package func advanceClock(by milliseconds: Int64) async throws(DatabaseError) -> Int64 {
        guard let time = world.virtualTime else { throw .isReal }
        guard (1...VirtualTime.mostMilliseconds - time.aheadMilliseconds).contains(milliseconds)
        else {
            throw .validation(
                "The clock can be set forward by 1 to "
                    + "\(VirtualTime.mostMilliseconds - time.aheadMilliseconds) milliseconds, not by \(milliseconds)"
            )
        }
        let ahead = time.aheadMilliseconds + milliseconds
        var item = Self.clockKey
        item["ahead"] = .number(Number(ahead))
        try await clock().write(putting: [item])
        time.set(aheadMilliseconds: ahead)
        return time.wallMilliseconds
    }

    private func clock() async throws(DatabaseError) -> SystemTable {
        let key = KeySchema(partition: KeySchema.Attribute("name", .string), sort: nil)
        return try await systemTable(Self.clockTable, key: key)
    }
}

extension DatabaseError {
    fileprivate static let isVirtual = DatabaseError.validation(
        "The database has a virtual clock, which the real one would set back. Open it with --virtual-clock"
    )
    fileprivate static let isReal = DatabaseError.validation(
        "The database has the real clock. A virtual one is for databases that were made with --virtual-clock"
    )
}
