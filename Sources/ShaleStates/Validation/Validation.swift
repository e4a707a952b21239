internal import OrderedCollections
package import ShaleJSON

/// Judges the text of a definition: whether it is one of the language, whatever it would do.
///
/// Codes, and messages where they are known, are the service's.
package enum Validation {
    /// Reads the text of a definition, and judges it; it is accepted if there is no error among what is said.
    ///
    /// - Returns: The definition, nil where the text is no JSON, which is said; and what is to be said of it.
    package static func read(
        _ text: String
    ) -> (definition: JSONValue?, diagnostics: [Diagnostic]) {
        var validator = Validator()
        let isBlank = text.utf8.allSatisfy { $0 <= 0x20 }
        guard !isBlank else {
            validator.report("MISSING_DESCRIPTION", "Definition is missing", at: nil)
            return (nil, validator.diagnostics)
        }
        do throws(JSONError) {
            // The last of two states of one name would win without a word.
            let definition = try JSONParser.value(of: text, refusesRepeatedNames: true)
            return (definition, diagnostics(of: definition))
        } catch {
            validator.report(
                "INVALID_JSON_DESCRIPTION",
                "Invalid JSON: \(error.reason) at byte \(error.offset)",
                at: nil
            )
            return (nil, validator.diagnostics)
        }
    }

    /// What is to be said of a definition that has been read.
    package static func diagnostics(of definition: JSONValue) -> [Diagnostic] {
        var validator = Validator()
        validator.checkMachine(definition)
        return validator.diagnostics
    }
}

/// Walks a definition and collects what is wrong with it.
struct Validator {
    private(set) var diagnostics: [Diagnostic] = []
    /// The language of the whole machine: states inherit it, whatever the states around them say.
    var machineLanguage = QueryLanguage.jsonPath
    var stateNames: Set<String> = []
    var labels: Set<String> = []
    var depth = 0

    mutating func report(_ code: String, _ message: String, at location: String?) {
        diagnostics.append(
            Diagnostic(severity: .error, code: code, message: message, location: location)
        )
    }

    mutating func refuse(_ message: String, at location: String) {
        report("SCHEMA_VALIDATION_FAILED", message, at: location)
    }

    mutating func warn(_ code: String, _ message: String, at location: String) {
        diagnostics.append(
            Diagnostic(severity: .warning, code: code, message: message, location: location)
        )
    }

    // MARK: The machine

    fileprivate mutating func checkMachine(_ value: JSONValue) {
        guard case .object(let members) = value else {
            report("INVALID_JSON_DESCRIPTION", "Definition is not a JSON object", at: nil)
            return
        }
        let fields = FieldSet(members, at: "")
        checkNames(
            of: fields,
            among: ["Comment", "StartAt", "States", "Version", "TimeoutSeconds", "QueryLanguage"]
        )
        if let language = readLanguage(fields) { machineLanguage = language }
        checkText("Comment", of: fields)
        checkText("Version", of: fields)
        if let version = fields["Version"]?.text, version != "1.0" {
            refuse("Value is not one of [1.0]", at: fields.place("Version"))
        }
        checkNumber("TimeoutSeconds", of: fields, least: 1, isWhole: true)
        checkScope(fields)
    }

    /// The language that an object names, if it names one.
    mutating func readLanguage(_ fields: FieldSet) -> QueryLanguage? {
        guard let value = fields["QueryLanguage"] else { return nil }
        guard let text = value.text, let language = QueryLanguage(rawValue: text) else {
            refuse("Value is not one of [JSONPath, JSONata]", at: fields.place("QueryLanguage"))
            return .jsonata
        }
        return language
    }

    // MARK: Fields

    mutating func checkNames(of fields: FieldSet, among known: Set<String>) {
        for name in fields.members.keys where !known.contains(name) {
            refuse("Field '\(name)' is not supported", at: fields.location)
        }
    }

    mutating func checkRequired(_ names: [String], of fields: FieldSet) {
        let missing = names.filter { fields[$0] == nil }
        guard !missing.isEmpty else { return }
        refuse(
            "These fields are required: [\(missing.joined(separator: ", "))]",
            at: fields.location
        )
    }

    /// Of some fields only one may be there, and where it is required one must.
    mutating func checkOne(of names: [String], in fields: FieldSet, isRequired: Bool = false) {
        let present = names.filter { fields[$0] != nil }
        let list = names.joined(separator: ", ")
        if present.count > 1 {
            refuse(
                "There should only be one of the following fields: [\(list)]",
                at: fields.location
            )
        } else if isRequired, present.isEmpty {
            refuse("One of the following fields is required: [\(list)]", at: fields.location)
        }
    }

    mutating func checkText(_ name: String, of fields: FieldSet) {
        guard let value = fields[name], value.text == nil else { return }
        refuse("Value is not a string", at: fields.place(name))
    }

    mutating func checkNumber(
        _ name: String,
        of fields: FieldSet,
        least: Double? = nil,
        most: Double? = nil,
        isWhole: Bool
    ) {
        guard let value = fields[name] else { return }
        let place = fields.place(name)
        guard let number = value.number, !isWhole || number == number.rounded(.towardZero) else {
            return refuse("Value is not \(isWhole ? "an integer" : "a number")", at: place)
        }
        let text = { (bound: Double) in isWhole ? String(Int(bound)) : String(bound) }
        if let least, number < least { refuse("Minimum value is \(text(least))", at: place) }
        if let most, number > most { refuse("Maximum value is \(text(most))", at: place) }
    }
}

/// The fields of one object of a definition that is being judged, with its place.
struct FieldSet {
    let members: JSONObject
    let location: String

    init(_ members: JSONObject, at location: String) {
        self.members = members
        self.location = location
    }

    subscript(name: String) -> JSONValue? { members[name] }

    func place(_ name: String) -> String { location + "/" + name }

    /// The fields of the object in a field; nil where there is none.
    func inner(_ name: String) -> FieldSet? {
        guard case .object(let members)? = members[name] else { return nil }
        return FieldSet(members, at: place(name))
    }
}
