internal import ShaleTables
internal import ShaleWire

/// The `TransactItems` or `TransactStatements` of a transaction.
enum TransactMembers {
    /// Reads the list; `element` reads one member, of which it is told the path.
    ///
    /// The limit is checked while reading: a body of 16 MB can hold more members than any transaction may, and must
    /// not be held longer than it takes to see that.
    static func read<Element>(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints,
        at member: String = "transactItems",
        _ element: (inout JSONReader, String, inout Constraints) throws(WireError) -> Element
    ) throws(WireError) -> [Element] {
        let limits = TableLimits.transactionActions
        var count = 0
        let elements = try reader.readList { reader throws(WireError) -> Element? in
            count += 1
            guard count <= limits.upperBound else {
                try reader.skipValue()
                return nil
            }
            return try element(&reader, "\(member).\(count).member", &constraints)
        }
        if count > limits.upperBound {
            constraints.note(
                "[\(count) members]",
                at: member,
                "Member must have length less than or equal to \(limits.upperBound)"
            )
        }
        if count < limits.lowerBound {
            constraints.note(
                "[]",
                at: member,
                "Member must have length greater than or equal to \(limits.lowerBound)"
            )
        }
        return elements.compactMap(\.self)
    }
}
