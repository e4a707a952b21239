internal import ShaleWire

/// The `RequestItems` of a batch: what is asked of each table, in the order of the request.
///
/// The limit counts over all tables and is checked while reading: a body of 16 MB can name more
/// tables than any batch may, and must not be held longer than it takes to see that.
///
/// A table may be there twice, by its name and by its resource name: each part is answered under the name it was asked by.
struct BatchTables<Value> {
    /// `shownName` is the name as it was given.
    private(set) var entries: [(tableName: String, shownName: String, value: Value)] = []

    /// Reads the map.
    ///
    /// `entry` reads what stands under one table, whose name it is told, and says how many items it counts.
    init(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints,
        operation: String,
        limit: Int,
        _ entry: (inout JSONReader, String, inout Constraints) throws(WireError) -> (
            value: Value, count: Int
        )
    ) throws(WireError) {
        let tooMany = WireError.validation("Too many items requested for the \(operation) call")
        var counts: [Int] = []
        var read: [(tableName: String, shownName: String, value: Value)] = []
        try reader.readMap { (reader, name) throws(WireError) in
            let plain = TableName.check(name, &constraints, at: "requestItems")
            let (value, count) = try entry(&reader, plain, &constraints)
            if let same = read.firstIndex(where: { $0.shownName.utf8.elementsEqual(name.utf8) }) {
                read[same].value = value
                counts[same] = count
            } else {
                read.append((plain, name, value))
                counts.append(count)
            }
            guard read.count <= limit, counts.reduce(0, +) <= limit else { throw tooMany }
        }
        entries = read
        if entries.isEmpty {
            constraints.note(
                "{}",
                at: "requestItems",
                "Member must have length greater than or equal to 1"
            )
        }
    }
}
