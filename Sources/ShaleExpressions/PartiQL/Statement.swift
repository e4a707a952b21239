public import ShaleItems

/// A checked statement of DynamoDB's PartiQL: parsed once with the parameters of its request.
public enum Statement: Sendable, Hashable {
    /// `SELECT`.
    case select(SelectStatement)
    /// `INSERT INTO`.
    case insert(InsertStatement)
    /// `UPDATE`, or its form that begins with `FROM`.
    case update(UpdateStatement)
    /// `DELETE FROM`.
    case delete(DeleteStatement)
    /// `EXISTS(SELECT …)`: the condition of a transaction.
    case exists(SelectStatement)

    /// Parses a statement.
    ///
    /// Total, in linear time, on a stack of a fixed depth.
    /// - Parameters:
    ///   - text: The statement.
    ///   - parameters: What its `?` stand for, in the order of the text; each is validated first.
    /// - Returns: The checked statement.
    /// - Throws: What is wrong with parameters or text, in the service's words.
    public static func parse(
        _ text: String,
        parameters: [AttributeValue] = []
    ) throws(ExpressionError) -> Statement {
        try StatementParser.parse(text, parameters)
    }

    /// The table.
    public var tableName: String {
        switch self {
        case .select(let select), .exists(let select): select.tableName
        case .insert(let insert): insert.tableName
        case .update(let update): update.tableName
        case .delete(let delete): delete.tableName
        }
    }

    /// Whether it only reads; the condition of a transaction counts as a write.
    public var isRead: Bool {
        switch self {
        case .select: true
        case .insert, .update, .delete, .exists: false
        }
    }

    /// What a write answers with.
    public var returning: Returning? {
        switch self {
        case .update(let update): update.returning
        case .delete(let delete): delete.returning
        case .select, .insert, .exists: nil
        }
    }
}

/// Reads items of a table or index.
public struct SelectStatement: Sendable, Hashable {
    /// One attribute of the answer.
    public struct SelectedPath: Sendable, Hashable {
        /// What it is read from.
        public var path: DocumentPath
        /// What it is called: the last name of the path and the indexes behind it.
        public var name: String
    }

    /// One term of `ORDER BY`.
    public struct OrderTerm: Sendable, Hashable {
        /// The attribute.
        public var name: String
        /// Whether from the least on.
        public var isAscending: Bool
    }

    /// The attributes of the answer; nil is all.
    public var selected: [SelectedPath]?
    /// The table.
    public var tableName: String
    /// The index; nil is the table itself.
    public var indexName: String?
    /// `WHERE`.
    public var condition: Condition?
    /// `ORDER BY`; empty where it is not given.
    public var order: [OrderTerm]

    /// The attributes of an answer, each on the top level, from an item.
    public func answer(from item: Item) -> Item {
        guard let selected else { return item }
        return Item(
            selected.compactMap { each in
                each.path.value(in: item).map { (each.name, $0) }
            }
        )
    }

    /// The parts that the answer is made of; nil is all.
    public var projection: Projection? {
        // A path may lie inside another here: whole attributes are read.
        selected.map { Projection(attributes: $0.map(\.path.root)) }
    }
}

/// Puts a new item.
public struct InsertStatement: Sendable, Hashable {
    /// The table.
    public var tableName: String
    /// The whole item.
    public var item: Item
}

/// Changes an item that is there.
public struct UpdateStatement: Sendable, Hashable {
    /// The table.
    public var tableName: String
    /// What it changes.
    public var update: Update
    /// `WHERE`.
    public var condition: Condition?
    /// What it answers with.
    public var returning: Returning?
}

/// Deletes an item.
public struct DeleteStatement: Sendable, Hashable {
    /// The table.
    public var tableName: String
    /// `WHERE`.
    public var condition: Condition?
    /// What it answers with; `.allOld` or nothing.
    public var returning: Returning?
}

/// Which attributes a write answers with; the raw value is the clause.
public enum Returning: String, Sendable, Hashable, CaseIterable {
    /// All as they were.
    case allOld = "RETURNING ALL OLD *"
    /// The changed ones as they were.
    case modifiedOld = "RETURNING MODIFIED OLD *"
    /// All as they are now.
    case allNew = "RETURNING ALL NEW *"
    /// The changed ones as they are now.
    case modifiedNew = "RETURNING MODIFIED NEW *"
}
