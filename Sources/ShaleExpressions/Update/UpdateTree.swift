import ShaleItems

/// One checked action of an update.
enum UpdateAction: Sendable, Hashable {
    /// `SET path = value`.
    case set(DocumentPath, SetValue)
    /// `REMOVE path`.
    case remove(DocumentPath)
    /// `ADD path :value`: a number or a set.
    case add(DocumentPath, AttributeValue)
    /// `DELETE path :value`: a set.
    case delete(DocumentPath, AttributeValue)

    /// The path that it changes.
    var path: DocumentPath {
        switch self {
        case .set(let path, _), .remove(let path), .add(let path, _), .delete(let path, _): path
        }
    }
}

/// The right side of a `SET`.
indirect enum SetValue: Sendable, Hashable {
    case value(AttributeValue)
    case path(DocumentPath)
    case ifNotExists(DocumentPath, SetValue)
    case listAppend(SetValue, SetValue)
    case plus(SetValue, SetValue)
    case minus(SetValue, SetValue)
}

/// The functions of updates; the raw value is the name, whose case matters.
enum UpdateFunction: String {
    case ifNotExists = "if_not_exists"
    case listAppend = "list_append"
}

/// The sections of an update; the raw value is the keyword.
enum UpdateSection: String, CaseIterable {
    case set = "SET"
    case remove = "REMOVE"
    case add = "ADD"
    case delete = "DELETE"
}
