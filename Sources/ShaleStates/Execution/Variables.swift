internal import OrderedCollections
internal import ShaleJSON

/// The variables of one scope of an execution, with how large they are.
///
/// The limits are the service's: 256 KiB for a variable and for all that one Assign sets, 10 MiB for all variables of an
/// execution ("Step Functions service quotas").
struct Variables: Sendable {
    /// How many bytes of JSON one Assign may set, and so one variable may have.
    static let assignLimit = 262_144
    /// How many bytes of JSON all variables of an execution may have.
    static let totalLimit = 10_485_760

    private(set) var values = JSONObject()
    private var sizes: [String: Int] = [:]
    /// How many bytes of JSON the values have.
    private(set) var sizeBytes = 0

    var isEmpty: Bool { values.isEmpty }

    init() {}

    /// - Complexity: linear in the data.
    init(_ values: JSONObject) {
        for (name, value) in values { set(name, value, bytes: value.encoded().count) }
    }

    /// Takes over what an Assign sets.
    mutating func take(_ assigned: AssignedVariables) {
        for (name, variable) in assigned.variables {
            set(name, variable.value, bytes: variable.text.utf8.count)
        }
    }

    /// How many bytes the values had if they took over what an Assign sets.
    func sizeBytes(taking assigned: AssignedVariables) -> Int {
        assigned.variables.reduce(sizeBytes) { sum, variable in
            sum - (sizes[variable.key] ?? 0) + variable.value.text.utf8.count
        }
    }

    private mutating func set(_ name: String, _ value: JSONValue, bytes: Int) {
        values[name] = value
        sizeBytes += bytes - (sizes.updateValue(bytes, forKey: name) ?? 0)
    }
}

/// What an Assign sets: values, and the texts that the history tells of them.
struct AssignedVariables {
    static let none = AssignedVariables()

    private(set) var variables: OrderedDictionary<String, (value: JSONValue, text: String)> = [:]
    private var sizeBytes = 0

    var isEmpty: Bool { variables.isEmpty }

    /// Adds a variable.
    ///
    /// - Throws: `States.DataLimitExceeded` where the Assign sets too much, `States.Runtime` where a value is nested too
    ///   deep.
    mutating func set(_ name: String, _ value: JSONValue) throws(StateFailure) {
        guard value.isShallower(than: ExecutionState.depthLimit) else {
            throw .runtime("The variable \(name) is nested too deep")
        }
        let text = value.json
        sizeBytes += text.utf8.count
        guard sizeBytes <= Variables.assignLimit else {
            throw .tooManyVariables(
                "Assign sets more than \(Variables.assignLimit) bytes; the variable '\(name)' is the"
                    + " one that is too much"
            )
        }
        variables[name] = (value, text)
    }
}

extension StateFailure {
    /// Variables that are too large; there is no recording of what the service says.
    static func tooManyVariables(_ reason: String) -> StateFailure {
        StateFailure(error: dataLimitError, cause: reason + ".", origin: .machine)
    }
}
