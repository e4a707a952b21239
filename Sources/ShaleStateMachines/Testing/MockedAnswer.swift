internal import OrderedCollections
internal import ShaleJSON
internal import ShaleStates

/// Whether a mocked result is what the operation of a service could answer: for operations that are here.
///
/// As the service does it, members that the model does not know are passed over.
enum MockedAnswer {
    private indirect enum Shape: Sendable {
        case text, number
        case list(Shape)
        case structure([String: Shape], required: [String] = [])
        /// A map with any names.
        case map(Shape)

        static let value = Shape.structure([
            "S": .text, "N": .text, "B": .text, "SS": .list(.text), "NS": .list(.text),
            "BS": .list(.text),
        ])
        static let item = Shape.map(value)
        static let units = Shape.structure([
            "CapacityUnits": .number, "ReadCapacityUnits": .number, "WriteCapacityUnits": .number,
        ])
        static let consumed = Shape.structure([
            "TableName": .text, "CapacityUnits": .number, "ReadCapacityUnits": .number,
            "WriteCapacityUnits": .number, "Table": units, "GlobalSecondaryIndexes": .map(units),
            "LocalSecondaryIndexes": .map(units),
        ])
        static let page = Shape.structure([
            "Items": .list(item), "Count": .number, "ScannedCount": .number,
            "LastEvaluatedKey": item, "ConsumedCapacity": consumed,
        ])
        static let written = Shape.structure([
            "Attributes": item, "ConsumedCapacity": consumed,
        ])
        static let batch = Shape.structure([
            "Responses": .map(.list(item)), "ConsumedCapacity": .list(consumed),
        ])
    }

    private static let tables: [String: Shape] = [
        "getItem": .structure(["Item": Shape.item, "ConsumedCapacity": Shape.consumed]),
        "putItem": Shape.written, "updateItem": Shape.written, "deleteItem": Shape.written,
        "query": Shape.page, "scan": Shape.page, "batchGetItem": Shape.batch,
        "batchWriteItem": .structure(["ConsumedCapacity": .list(Shape.consumed)]),
        "transactWriteItems": .structure(["ConsumedCapacity": .list(Shape.consumed)]),
    ]
    private static let invoked = Shape.structure([
        "StatusCode": .number, "FunctionError": .text, "LogResult": .text, "ExecutedVersion": .text,
    ])
    private static let started = Shape.structure(
        ["ExecutionArn": .text, "StartDate": .text],
        required: ["ExecutionArn", "StartDate"]
    )
    private static let described = Shape.structure(
        [
            "ExecutionArn": .text, "StateMachineArn": .text, "Name": .text, "Status": .text,
            "StartDate": .text, "StopDate": .text, "Error": .text, "Cause": .text,
        ],
        required: ["ExecutionArn", "StateMachineArn", "Status", "StartDate"]
    )

    /// Refuses a result that the operation of a task could not answer.
    ///
    /// - Parameters:
    ///   - result: The result.
    ///   - state: The Task state.
    ///   - mode: `STRICT`, `PRESENT`, `NONE`, or nil for `STRICT` where there are rules.
    /// - Throws: `.validation`, also for a mode that is asked for where there are no rules.
    static func check(
        _ result: JSONValue,
        of state: TestedState,
        mode: String?
    ) throws(StatesError) {
        guard mode != "NONE", let resource = state.resource, resource.kind == .service else {
            return
        }
        guard let shape = shape(of: resource) else {
            guard let mode else { return }
            throw StateTestRules.refused(
                "fieldValidationMode \(mode) is not supported by this server for the resource "
                    + "'\(resource.arn.prefix(256))'; see Docs/StateMachines.md."
            )
        }
        try check(result, shape, "", requiresAll: mode != "PRESENT")
    }

    private static func shape(of resource: TaskResource) -> Shape? {
        let operation = String(resource.resource.split(separator: ".").first ?? "")
        switch (resource.resourceType, operation) {
        case ("lambda", "invoke"): return invoked
        case ("states", "startExecution"): return resource.pattern == .job ? described : started
        case ("dynamodb", _), ("aws-sdk:dynamodb", _): return tables[operation]
        default: return nil
        }
    }

    private static func check(
        _ value: JSONValue,
        _ shape: Shape,
        _ name: String,
        requiresAll: Bool
    ) throws(StatesError) {
        switch shape {
        case .text: try require(value.text != nil, name, "a string")
        case .number: try require(value.number != nil, name, "a number")
        case .list(let element):
            try require(value.elements != nil, name, "an array")
            for inner in value.elements ?? [] {
                try check(inner, element, name, requiresAll: requiresAll)
            }
        case .map(let element):
            try require(value.members != nil, name, "an object")
            for (key, inner) in value.members ?? [:] {
                try check(inner, element, key, requiresAll: requiresAll)
            }
        case .structure(let members, let required):
            try require(value.members != nil, name, "an object")
            for member in required where requiresAll && value[member] == nil {
                throw refused("Required field '\(member)' is missing")
            }
            for (key, inner) in value.members ?? [:] {
                guard let shape = members[key] else { continue }
                try check(inner, shape, key, requiresAll: requiresAll)
            }
        }
    }

    private static func require(
        _ holds: Bool,
        _ name: String,
        _ kind: String
    ) throws(StatesError) {
        guard !holds else { return }
        throw refused(
            name.isEmpty ? "The result must be \(kind)" : "Field '\(name)' must be \(kind)"
        )
    }

    private static func refused(_ reason: String) -> StatesError {
        StateTestRules.refused("Mock result schema validation error: \(reason)")
    }
}
