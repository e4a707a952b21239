public import ShaleCapacity
public import ShaleEngine
public import ShaleItems

/// What `Database.executeStatement` is asked for.
public struct StatementRequest: Sendable {
    /// The statement, in PartiQL.
    public var statement: String
    /// What its `?` stand for, in the order of the text.
    public var parameters: [AttributeValue] = []
    /// Counts twice the capacity of a read; refused for a global index.
    public var consistentRead = false
    /// Where a read goes on: what the page before answered, for the same statement and parameters.
    public var nextToken: String?
    /// Most items to read (before the filter), from 1; nil is as many as fit into 1 MB.
    public var limit: Int?
    /// How much the answer says of capacity.
    public var returnConsumedCapacity: ReturnConsumedCapacity = .none
    /// Whether a failed condition answers with the item.
    public var returnValuesOnConditionCheckFailure: ReturnValuesOnConditionCheckFailure = .none
    /// What a write survives; nil is the database's choice.
    public var durability: Durability?

    /// Puts a request together.
    public init(_ statement: String, parameters: [AttributeValue] = []) {
        self.statement = statement
        self.parameters = parameters
    }
}

/// What `Database.executeStatement` answers.
public struct StatementResponse: Sendable, Equatable {
    /// What a read found, or what the `RETURNING` of a write asked for.
    public var items: [Item] = []
    /// Where the next page begins; nil when there is none.
    public var nextToken: String?
    /// The key of the last item that was read, when there is a next page.
    public var lastEvaluatedKey: Item?
    /// Capacity, when asked for.
    public var consumedCapacity: ConsumedCapacity?
}

/// What `Database.executeTransaction` is asked for.
public struct TransactStatementsRequest: Sendable {
    /// 1 to 100 statements, all reads or all writes, no two of one item.
    ///
    /// Of each, only statement, parameters and `returnValuesOnConditionCheckFailure` have a meaning.
    public var statements: [StatementRequest]
    /// Makes a repetition within 10 minutes answer without doing anything; 1 to 36 bytes.
    public var clientRequestToken: String?
    /// How much the answer says of capacity.
    public var returnConsumedCapacity: ReturnConsumedCapacity = .none
    /// What the writes survive; nil is the database's choice.
    public var durability: Durability?

    /// Puts a request together.
    public init(_ statements: [StatementRequest], clientRequestToken: String? = nil) {
        self.statements = statements
        self.clientRequestToken = clientRequestToken
    }
}

/// What `Database.executeTransaction` answers.
public struct TransactStatementsResponse: Sendable {
    /// What each read found, nil where there is no such item; empty after writes.
    public var items: [Item?] = []
    /// Capacity of each table, when asked for: of writes, or of reads where `isRead`.
    public var consumedCapacity: [ConsumedCapacity]?
    /// Whether nothing was written: the statements read, or the token's transaction had been done before.
    public var isRead = false
}

/// What `Database.batchExecuteStatement` is asked for.
public struct BatchStatementRequest: Sendable {
    /// One statement of a batch.
    public enum Member: Sendable {
        /// To be run.
        ///
        /// Of it, `limit`, `nextToken`, `returnConsumedCapacity` and `durability` have no meaning.
        case statement(StatementRequest)
        /// Refused before it came here; answered with this error in its place.
        case refused(DatabaseError)
    }

    /// Up to 25 statements, all reads or all writes.
    ///
    /// Each is on its own: there is no atomicity across a batch.
    public var members: [Member]
    /// How much the answer says of capacity.
    public var returnConsumedCapacity: ReturnConsumedCapacity = .none
    /// What the writes survive; nil is the database's choice.
    public var durability: Durability?

    /// Puts a request together.
    public init(_ members: [Member]) { self.members = members }
}

/// What `Database.batchExecuteStatement` answers.
public struct BatchStatementResponse: Sendable, Equatable {
    /// The answer to one statement.
    public struct Answer: Sendable, Equatable {
        /// What went wrong; nil where nothing did.
        public var error: DatabaseError?
        /// The item that was read, or what the `RETURNING` of a write asked for.
        public var item: Item?
        /// The table, where the statement came as far as its items.
        public var tableName: String?
    }

    /// In the order of the statements.
    public var answers: [Answer]
    /// Capacity of each table, when asked for, of the statements that succeeded.
    public var consumedCapacity: [ConsumedCapacity]?
}
