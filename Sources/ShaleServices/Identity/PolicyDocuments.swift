internal import ShaleItems
internal import ShaleWire

/// Whether a document is one of a policy: its form is checked, in the service's words, and its meaning is nobody's here.
struct PolicyDocuments {
    /// What a document is of.
    enum Kind {
        case trust, permissions
    }

    private static let versions: Set<String> = ["2012-10-17", "2008-10-17"]
    private static let members: Set<String> = ["Version", "Id", "Statement"]
    private static let statementMembers: Set<String> = [
        "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource",
        "NotResource", "Condition",
    ]

    let kind: Kind

    /// Checks a document.
    ///
    /// - Throws: `MalformedPolicyDocument`.
    func check(_ text: String) throws(RestError) {
        guard let document = JSONReader.document(text)?.mapValue else {
            throw malformed(
                kind == .trust ? "This policy contains invalid Json" : "Syntax errors in policy."
            )
        }
        let version = document["Version"]
        guard document.names.allSatisfy(Self.members.contains),
            version == nil || version?.stringValue.map(Self.versions.contains) == true
        else { throw malformed("Syntax errors in policy.") }
        let statements: [AttributeValue]
        switch document["Statement"] {
        case .list(let list) where !list.isEmpty: statements = list
        case .map(let one): statements = [.map(one)]
        default: throw malformed("Syntax errors in policy.")
        }
        for statement in statements { try check(statement.mapValue) }
    }

    private func check(_ statement: Item?) throws(RestError) {
        guard let statement, statement.names.allSatisfy(Self.statementMembers.contains),
            ["Allow", "Deny"].contains(statement["Effect"]?.stringValue ?? "")
        else { throw malformed("Syntax errors in policy.") }
        func either(_ name: String) -> AttributeValue? {
            statement[name] ?? statement["Not" + name]
        }
        switch kind {
        case .permissions:
            guard either("Principal") == nil else {
                throw malformed("Policy document should not specify a principal.")
            }
            try checkActions(either("Action"), "Policy statement must contain actions.")
            guard let resource = either("Resource"), let texts = texts(resource), !texts.isEmpty
            else { throw malformed("Policy statement must contain resources.") }
            guard texts.allSatisfy({ $0 == "*" || $0.hasPrefix("arn:") }) else {
                throw malformed(
                    "Resource \(texts.first { $0 != "*" && !$0.hasPrefix("arn:") } ?? "") must be in "
                        + "ARN format or \"*\"."
                )
            }
        case .trust:
            guard either("Resource") == nil else {
                throw malformed("Has prohibited field Resource")
            }
            guard either("Principal") != nil else {
                throw malformed("Missing required field Principal")
            }
            try checkActions(either("Action"), "Missing required field Action")
        }
    }

    private func checkActions(
        _ value: AttributeValue?,
        _ missing: String
    ) throws(RestError) {
        guard let value, let actions = texts(value), !actions.isEmpty else {
            throw malformed(missing)
        }
        guard actions.allSatisfy({ $0 == "*" || $0.contains(":") }) else {
            throw malformed(
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
            )
        }
    }

    /// A text, or a list of texts.
    private func texts(_ value: AttributeValue) -> [String]? {
        switch value {
        case .string(let text): return [text]
        case .list(let list):
            let texts = list.compactMap(\.stringValue)
            return texts.count == list.count ? texts : nil
        default: return nil
        }
    }

    private func malformed(_ message: String) -> RestError {
        RestError("MalformedPolicyDocument", 400, message)
    }
}
