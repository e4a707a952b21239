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

    /// How a name is told that no table can have.
    enum Naming {
        /// As a constraint among the others, with the map as it was sent.
        case constraint
        /// Behind all constraints; of each table only the number of its items is repeated.
        case afterConstraints
    }

    private static var nameRule: String {
        "Map keys must satisfy constraint: [Member must have length less than or equal to 255, Member "
            + "must have length greater than or equal to 3, Member must satisfy regular expression "
            + "pattern: [a-zA-Z0-9_.-]+]"
    }

    /// Reads the map.
    ///
    /// `entry` reads what stands under one table, whose name it is told, and says how many items it counts.
    init(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints,
        operation: String,
        limit: Int,
        naming: Naming,
        _ entry: (inout JSONReader, String, inout Constraints) throws(WireError) -> (
            value: Value, count: Int
        )
    ) throws(WireError) {
        let tooMany = WireError.validation("Too many items requested for the \(operation) call")
        let start = reader.position
        var counts: [Int] = []
        var read: [(tableName: String, shownName: String, value: Value)] = []
        try reader.readMap { (reader, name) throws(WireError) in
            let plain = TableName.resolve(name, &constraints)
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
            // So the service words it, with a capital and without a value.
            constraints.noteUnseen(
                at: "RequestItems",
                "Member must have length greater than or equal to 1"
            )
        }
        guard !read.allSatisfy({ TableName.isPlain($0.tableName.utf8Span.span) }) else { return }
        switch naming {
        case .constraint:
            constraints.note(reader.text(from: start), at: "requestItems", Self.nameRule)
        case .afterConstraints:
            let shown = zip(read, counts).map { "\($0.shownName)=[\($1) members]" }
            var alone = Constraints()
            alone.note("{\(shown.joined(separator: ", "))}", at: "requestItems", Self.nameRule)
            do throws(WireError) { try alone.finish() } catch { try reader.refuse(error) }
        }
    }
}
