/// The named workloads of the bench over HTTP: one operation of the API each.
enum HTTPWorkload: String, CaseIterable {
    case getitem
    case putitem
    case updateitem
    case query10
    case batchwrite25
    case transact4

    /// The operation, as the target header names it.
    var operation: String {
        switch self {
        case .getitem: "GetItem"
        case .putitem: "PutItem"
        case .updateitem: "UpdateItem"
        case .query10: "Query"
        case .batchwrite25: "BatchWriteItem"
        case .transact4: "TransactWriteItems"
        }
    }

    /// One line of the help.
    var summary: String {
        switch self {
        case .getitem: "GetItem of an item that is there"
        case .putitem: "PutItem over an item that is there, each with a value of its own"
        case .updateitem: "UpdateItem: SET of one attribute"
        case .query10: "Query of 10 items of one partition key, from a sort key on"
        case .batchwrite25: "BatchWriteItem of 25 puts"
        case .transact4: "TransactWriteItems of 4 puts"
        }
    }
}

/// What a run over HTTP is asked for.
struct HTTPPlan: Sendable {
    /// Items in the table, before and after.
    var items: Int
    /// Items that share a partition key.
    var itemsPerPartition: Int
    /// Most requests of a workload.
    var operations: Int
    /// Event loops of this client.
    var threads: Int
    /// The service's size of an item, in bytes.
    var itemSizeBytes: Int
    /// Where draws begin.
    var seed: UInt64
}
