internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

/// The members that every statement of PartiQL has, alone, in a batch or in a transaction.
struct StatementMembers {
    private static let lengths = 1...8_192

    /// Where the members stand in messages: empty, or "statements.1.member.".
    let path: String
    var statement: String?
    var request = StatementRequest("")
    /// What is wrong with the parameters, where that is no matter of the whole request.
    var refusal: WireError?

    init(at path: String = "") { self.path = path }

    /// Reads one member; false where it is none of these.
    mutating func read(
        _ name: String,
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Bool {
        switch name {
        case "Statement":
            let text = try reader.readString()
            constraints.check(text, length: Self.lengths, at: path + "statement")
            statement = text
        case "Parameters":
            request.parameters = try reader.readList { reader throws(WireError) in
                try reader.readAttributeValue()
            }
            if request.parameters.isEmpty {
                constraints.note(
                    "[]",
                    at: path + "parameters",
                    "Member must have length greater than or equal to 1"
                )
            }
        case "ConsistentRead": request.consistentRead = try reader.readBool()
        case "ReturnValuesOnConditionCheckFailure":
            request.returnValuesOnConditionCheckFailure =
                try reader.readChoice(
                    ReturnValuesOnConditionCheckFailure.self,
                    at: path + "returnValuesOnConditionCheckFailure",
                    &constraints
                ) ?? .none
        default: return false
        }
        return true
    }

    /// Reads one member of a batch, whose parameters are refused in their own place.
    mutating func readInBatch(
        _ name: String,
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Bool {
        // Told at once, not later: later it would be told of the whole request.
        var ahead = reader
        ahead.defersErrors = false
        do throws(WireError) {
            let isKnown = try read(name, &ahead, &constraints)
            guard isKnown else { return false }
            ahead.defersErrors = reader.defersErrors
            reader = ahead
            return true
        } catch {
            guard error.code == .validation else { throw error }
            try reader.skipValue()
            refusal = refusal ?? error
            return true
        }
    }

    /// The request, once its statement is known to be there.
    func finished(_ statement: String) -> StatementRequest {
        var request = request
        request.statement = statement
        return request
    }
}

extension Constraints {
    /// Notes that a text is too short or too long, in units of UTF-16 as the service counts.
    mutating func check(_ text: String, length: ClosedRange<Int>, at path: String) {
        let count = text.utf16.count
        if count < length.lowerBound {
            note(
                text,
                at: path,
                "Member must have length greater than or equal to \(length.lowerBound)"
            )
        } else if count > length.upperBound {
            note(
                text,
                at: path,
                "Member must have length less than or equal to \(length.upperBound)"
            )
        }
    }
}
