internal import ShaleEngine
internal import ShaleItems
internal import ShalePlatform

// A database whose clock can be set forward, so that a week's work is tested in a moment.
//
//     $clock   partition key  name   S   clock
//                             ahead  N   how far the clock is ahead of the real one, in milliseconds
//
// The manifest says which clock a database has: it is opened for writing with no other (`DatabaseClock` of the engine). How far the clock is ahead is on the disk before anybody sees it.

extension Database {
    private static let clockTable = "$clock"
    private static let clockKey: Item = ["name": "clock"]

    /// Sets the clock as far ahead as it was when the database was last open.
    func resumeClock() async throws(DatabaseError) {
        guard let time = world.virtualTime else { return }
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
        guard let time = world.virtualTime else {
            throw .validation(
                "The database has the real clock. A virtual one is for databases that were made with --virtual-clock"
            )
        }
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
