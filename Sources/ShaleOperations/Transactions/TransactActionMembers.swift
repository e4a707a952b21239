internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

/// The four actions of a transaction; the raw value is the member's name.
enum TransactActionKind: String {
    case check = "ConditionCheck"
    case put = "Put"
    case delete = "Delete"
    case update = "Update"

    /// The name as paths of constraints spell it.
    var member: String {
        switch self {
        case .check: "conditionCheck"
        case .put: "put"
        case .delete: "delete"
        case .update: "update"
        }
    }
}

/// The members of one action of a transaction.
struct TransactActionMembers {
    private let kind: TransactActionKind
    private let path: String
    private var tableName: String?
    private var item: Item?
    private var update: String?
    private var action: TransactWriteAction

    init(_ kind: TransactActionKind, path: String) {
        self.kind = kind
        self.path = path
        action = TransactWriteAction(tableName: "", .check(key: Item()))
    }

    /// Reads the action; nil where something is missing, which is noted.
    mutating func read(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> TransactWriteAction? {
        try reader.readStructure { (reader, name) throws(WireError) in
            try member(name, &reader, &constraints)
        }
        constraints.require(item != nil, path + (kind == .put ? ".item" : ".key"))
        constraints.require(tableName != nil, path + ".tableName")
        if kind == .update { constraints.require(update != nil, path + ".updateExpression") }
        if kind == .check {
            constraints.require(action.condition != nil, path + ".conditionExpression")
        }
        guard let item, let tableName else { return nil }
        action.tableName = tableName
        action.change =
            switch kind {
            case .put: .put(item)
            case .delete: .delete(key: item)
            case .update: .update(key: item, update ?? "")
            case .check: .check(key: item)
            }
        return action
    }

    private mutating func member(
        _ name: String,
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) {
        switch name {
        case "TableName":
            tableName = try TableName.read(
                &reader,
                &constraints,
                at: path + ".tableName",
                lengths: TableName.lengthsOfKnown
            )
        case "Item" where kind == .put, "Key" where kind != .put: item = try reader.readItem()
        case "UpdateExpression" where kind == .update: update = try reader.readString()
        case "ConditionExpression": action.condition = try reader.readString()
        case "ExpressionAttributeNames":
            action.attributes.names = try reader.readNames(
                at: path + ".expressionAttributeNames",
                &constraints
            )
        case "ExpressionAttributeValues": action.attributes.values = try reader.readValues()
        case "ReturnValuesOnConditionCheckFailure":
            action.returnValuesOnConditionCheckFailure =
                try reader.readChoice(
                    ReturnValuesOnConditionCheckFailure.self,
                    at: path + ".returnValuesOnConditionCheckFailure",
                    &constraints
                ) ?? .none
        default: try reader.skipValue()
        }
    }
}
