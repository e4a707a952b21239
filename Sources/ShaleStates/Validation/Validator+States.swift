internal import OrderedCollections
internal import ShaleJSON

/// One state: its fields, and what its type asks of them.
extension Validator {
    mutating func checkState(_ fields: FieldSet) {
        guard let type = fields["Type"]?.text, let table = StateFieldTable.all[type] else {
            if fields["Type"] == nil { return checkRequired(["Type"], of: fields) }
            let types = StateFieldTable.all.keys.sorted().joined(separator: ", ")
            return refuse("Value is not one of [\(types)]", at: fields.place("Type"))
        }
        let language = checkLanguage(fields)
        checkFields(fields, table, language)
        let judge = StateJudge(fields: fields, language: language)
        checkText("Comment", of: fields)
        if table.shared.contains("End") { checkEnd(fields) }
        checkPaths(judge)
        checkTemplates(judge)
        if table.shared.contains("Retry") {
            checkRetriers(judge)
            checkCatchers(judge)
        }
        switch type {
        case "Task": checkTask(judge)
        case "Choice": checkChoice(judge)
        case "Wait": checkWait(judge)
        case "Fail": checkFail(judge)
        case "Parallel": checkBranches(fields)
        case "Map": checkMap(judge)
        case "Pass": checkResult(judge)
        default: break
        }
    }

    private mutating func checkLanguage(_ fields: FieldSet) -> QueryLanguage {
        guard let language = readLanguage(fields) else { return machineLanguage }
        if machineLanguage == .jsonata, language == .jsonPath {
            refuse(
                "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
                at: fields.location
            )
        }
        return language
    }

    private mutating func checkFields(
        _ fields: FieldSet,
        _ table: StateFieldTable,
        _ language: QueryLanguage
    ) {
        let known = table.shared.union(table.pathOnly).union(table.expressionOnly)
        checkNames(of: fields, among: known)
        for name in fields.members.keys {
            let isForeign =
                (language == .jsonPath ? table.expressionOnly : table.pathOnly).contains(name)
            if isForeign { refuseLanguage(of: name, language, at: fields.location) }
        }
    }

    mutating func refuseLanguage(of name: String, _ language: QueryLanguage, at place: String) {
        let other = language == .jsonPath ? QueryLanguage.jsonata : .jsonPath
        refuse(
            "The QueryLanguage is set to '\(language.rawValue)', but field '\(name)' is only"
                + " supported for the '\(other.rawValue)' QueryLanguage",
            at: place
        )
    }

    private mutating func checkEnd(_ fields: FieldSet) {
        checkText("Next", of: fields)
        if let end = fields["End"] {
            guard case .bool(let isEnd) = end else {
                return refuse("Value is not a boolean", at: fields.place("End"))
            }
            if !isEnd { return checkRequired(["Next"], of: fields) }
        }
        checkOne(of: ["Next", "End"], in: fields, isRequired: true)
    }

    // MARK: Types

    private mutating func checkTask(_ judge: StateJudge) {
        let fields = judge.fields
        checkRequired(["Resource"], of: fields)
        if let resource = fields["Resource"], !Self.isResource(resource) {
            refuse("Value is not a valid resource ARN", at: fields.place("Resource"))
        }
        for name in ["TimeoutSeconds", "HeartbeatSeconds"] {
            checkOne(of: [name, name + "Path"], in: fields)
            checkQuantity(name, judge, least: 1, most: 99_999_999)
        }
        if let timeout = fields["TimeoutSeconds"]?.number,
            let heartbeat = fields["HeartbeatSeconds"]?.number, heartbeat >= timeout
        {
            refuse(
                "HeartbeatSeconds must be smaller than TimeoutSeconds",
                at: fields.place("HeartbeatSeconds")
            )
        }
        if let credentials = fields["Credentials"], credentials.members == nil {
            let isExpression =
                judge.language == .jsonata
                && credentials.text.flatMap(Expression.source(in:)) != nil
            if !isExpression {
                refuse("Value is not an object", at: fields.place("Credentials"))
            }
        }
    }

    /// An ARN; that of a function has an alias or a version that can be one.
    private static func isResource(_ value: JSONValue) -> Bool {
        guard let arn = value.text else { return false }
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 6, parts[0] == "arn", !parts[1].isEmpty, !parts[2].isEmpty else {
            return false
        }
        guard parts[2] == "lambda" else { return parts[5...].allSatisfy { !$0.isEmpty } }
        return parts[5...].allSatisfy { part in
            !part.isEmpty
                && part.utf8.allSatisfy { byte in
                    (48...57).contains(byte) || (65...90).contains(byte | 0x20 ^ 0x20)
                        || "-_$".utf8.contains(byte)
                }
        }
    }

    private mutating func checkWait(_ judge: StateJudge) {
        let fields = judge.fields
        let paths = judge.language == .jsonPath ? ["SecondsPath", "TimestampPath"] : []
        checkOne(of: ["Seconds", "Timestamp"] + paths, in: fields, isRequired: true)
        checkQuantity("Seconds", judge, least: 0, most: 99_999_999)
        guard let value = fields["Timestamp"] else { return }
        if judge.language == .jsonata, value.text.flatMap(Expression.source(in:)) != nil { return }
        guard let text = value.text, Timestamp.milliseconds(of: text) != nil else {
            return refuse("Value is not a valid timestamp", at: fields.place("Timestamp"))
        }
    }

    private mutating func checkFail(_ judge: StateJudge) {
        for name in ["Error", "Cause"] {
            checkOne(of: [name, name + "Path"], in: judge.fields)
            checkText(name, of: judge.fields)
        }
    }

    private mutating func checkBranches(_ fields: FieldSet) {
        checkRequired(["Branches"], of: fields)
        guard let value = fields["Branches"] else { return }
        guard let branches = value.elements, !branches.isEmpty else {
            return refuse("Value is not an array of branches", at: fields.place("Branches"))
        }
        for (index, branch) in branches.enumerated() {
            let place = fields.place("Branches[\(index)]")
            guard case .object(let members) = branch else {
                refuse("Value is not an object", at: place)
                continue
            }
            let scope = FieldSet(members, at: place)
            checkNames(of: scope, among: ["StartAt", "States", "Comment"])
            checkScope(scope)
        }
    }

    private mutating func checkResult(_ judge: StateJudge) {
        guard judge.language == .jsonPath, let result = judge.fields["Result"] else { return }
        if result.hasPathField(depth: 0) {
            warn(
                "PASS_RESULT_IS_STATIC",
                "The result of a Pass state is static; paths in it are not evaluated",
                at: judge.fields.place("Result")
            )
        }
    }

    /// A number, or in JSONata an expression, which is judged elsewhere.
    mutating func checkQuantity(
        _ name: String,
        _ judge: StateJudge,
        least: Double,
        most: Double? = nil,
        isWhole: Bool = true,
        of other: FieldSet? = nil
    ) {
        let fields = other ?? judge.fields
        if judge.language == .jsonata, fields[name]?.text.flatMap(Expression.source(in:)) != nil {
            return
        }
        checkNumber(name, of: fields, least: least, most: most, isWhole: isWhole)
    }
}

/// A state that is being judged, and the language it is written in.
struct StateJudge {
    let fields: FieldSet
    let language: QueryLanguage
}

extension JSONValue {
    /// Whether a member somewhere in here has a name that ends in `.$`.
    fileprivate func hasPathField(depth: Int) -> Bool {
        guard depth < Template.depthLimit else { return false }
        switch self {
        case .array(let elements): return elements.contains { $0.hasPathField(depth: depth + 1) }
        case .object(let members):
            return members.contains { name, value in
                name.hasSuffix(".$") || value.hasPathField(depth: depth + 1)
            }
        default: return false
        }
    }
}
