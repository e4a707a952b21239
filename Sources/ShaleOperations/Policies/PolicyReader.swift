internal import ShaleTables
public import ShaleWire

/// Reads a policy, and refuses what is not known.
///
///     {"Version": "2012-10-17",
///      "Statement": [
///        {"Sid": "…", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:user/reader"},
///         "Action": ["dynamodb:GetItem", "dynamodb:Query"], "Resource": "arn:aws:dynamodb:*:*:table/Songs",
///         "Condition": {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${aws:username}"]}}}]}
///
/// A `Sid` is a name for people and has no effect. Of two members of one name neither is taken.
struct PolicyReader {
    private static let versions = ["2012-10-17", "2008-10-17"]

    private let kind: PolicyDocument.Kind

    static func read(
        _ bytes: [UInt8],
        _ kind: PolicyDocument.Kind
    ) throws(WireError) -> PolicyDocument {
        guard bytes.count <= TableLimits.policySizeBytes else {
            throw refusal("a policy has up to \(TableLimits.policySizeBytes) bytes")
        }
        do throws(WireError) {
            var reader = JSONReader(bytes)
            let policy = try PolicyReader(kind: kind).document(&reader)
            try reader.finish()
            return policy
        } catch {
            throw error.code == .serialization ? refusal(error.message) : error
        }
    }

    private static func refusal(_ reason: String) -> WireError {
        .validation("Invalid policy document: \(reason)")
    }

    private func document(_ reader: inout JSONReader) throws(WireError) -> PolicyDocument {
        var version: String?
        var statements: [PolicyDocument.Statement]?
        try members(&reader) { (name, reader) throws(WireError) in
            switch name {
            case "Version": version = try reader.readString()
            case "Statement":
                var read: [PolicyDocument.Statement] = []
                try each(&reader) { reader throws(WireError) in read.append(try statement(&reader))
                }
                statements = read
            default: throw Self.refusal("the element \(name.prefix(64)) is not known here")
            }
        }
        guard let version, Self.versions.contains(version) else {
            throw Self.refusal("Version is \(Self.versions[0])")
        }
        guard let statements, !statements.isEmpty else {
            throw Self.refusal("there is no Statement")
        }
        return PolicyDocument(statements: statements, kind: kind)
    }

    private func statement(_ reader: inout JSONReader) throws(WireError) -> PolicyDocument.Statement
    {
        var effect: PolicyDocument.Effect?
        var actions: [PolicyPattern] = []
        var resources: [PolicyPattern] = []
        var principals: [String] = []
        var conditions: [PolicyCondition] = []
        try members(&reader) { (name, reader) throws(WireError) in
            switch name {
            case "Sid": _ = try reader.readString()
            case "Effect":
                effect = PolicyDocument.Effect(rawValue: try reader.readString())
            case "Action": actions = try self.actions(&reader)
            case "Resource": resources = try patterns(&reader)
            case "Principal" where kind == .resource: principals = try self.principals(&reader)
            case "Condition": conditions = try self.conditions(&reader)
            default:
                throw Self.refusal(
                    "the element \(name.prefix(64)) of a Statement is not known here"
                )
            }
        }
        guard let effect else { throw Self.refusal("Effect is Allow or Deny") }
        guard !actions.isEmpty else { throw Self.refusal("a Statement has an Action") }
        guard !resources.isEmpty else { throw Self.refusal("a Statement has a Resource") }
        guard kind == .identity || !principals.isEmpty else {
            throw Self.refusal("a Statement of a table's policy has a Principal")
        }
        return PolicyDocument.Statement(
            effect: effect,
            actions: actions,
            resources: resources,
            principals: principals,
            conditions: conditions
        )
    }

    private func actions(_ reader: inout JSONReader) throws(WireError) -> [PolicyPattern] {
        var actions: [PolicyPattern] = []
        for text in try texts(&reader) {
            let isOurs = text.lowercased().utf8.starts(with: "dynamodb:".utf8)
            guard text == "*" || isOurs, !text.contains("${") else {
                throw Self.refusal("the action \(text.prefix(64)) is none of dynamodb")
            }
            actions.append(PolicyPattern(text))
        }
        return actions
    }

    private func patterns(_ reader: inout JSONReader) throws(WireError) -> [PolicyPattern] {
        var patterns: [PolicyPattern] = []
        for text in try texts(&reader) {
            let pattern = PolicyPattern(text)
            guard pattern.isKnown else {
                throw Self.refusal("a variable in \(text.prefix(256)) is not known here")
            }
            patterns.append(pattern)
        }
        return patterns
    }

    private func principals(_ reader: inout JSONReader) throws(WireError) -> [String] {
        var principals: [String] = []
        if try reader.peek() == .string {
            principals = [try reader.readString()]
        } else {
            try members(&reader) { (name, reader) throws(WireError) in
                guard name == "AWS" else {
                    throw Self.refusal("the principal \(name.prefix(64)) is not known here")
                }
                principals = try texts(&reader)
            }
        }
        for principal in principals {
            let isAccount =
                principal.utf8.count == 12 && principal.utf8.allSatisfy { 0x30...0x39 ~= $0 }
            let isName =
                principal.utf8.starts(with: "arn:aws:iam::".utf8) && !principal.contains("*")
            guard principal == "*" || isAccount || isName else {
                throw Self.refusal("the principal \(principal.prefix(256)) is not known here")
            }
        }
        return principals
    }

    private func conditions(_ reader: inout JSONReader) throws(WireError) -> [PolicyCondition] {
        var conditions: [PolicyCondition] = []
        try members(&reader) { (comparison, reader) throws(WireError) in
            try members(&reader) { (name, reader) throws(WireError) in
                guard let key = PolicyCondition.Key(rawValue: name) else {
                    throw Self.refusal("the condition key \(name.prefix(64)) is not known here")
                }
                guard let condition = PolicyCondition(comparison, key, try patterns(&reader)) else {
                    throw Self.refusal("the operator \(comparison.prefix(64)) is not known here")
                }
                conditions.append(condition)
            }
        }
        return conditions
    }

    // MARK: Shapes

    /// Reads an object; a name that comes twice is refused.
    private func members(
        _ reader: inout JSONReader,
        _ member: (String, inout JSONReader) throws(WireError) -> Void
    ) throws(WireError) {
        guard try reader.peek() == .object else { throw Self.refusal("an object was expected") }
        var seen: [String] = []
        try reader.readMembers { (reader, name) throws(WireError) in
            guard !seen.contains(where: { $0.utf8.elementsEqual(name.utf8) }) else {
                throw Self.refusal("\(name.prefix(64)) is there twice")
            }
            seen.append(name)
            try member(name, &reader)
        }
    }

    /// Reads one value, or a list of them.
    private func each(
        _ reader: inout JSONReader,
        _ element: (inout JSONReader) throws(WireError) -> Void
    ) throws(WireError) {
        guard try reader.peek() == .array else { return try element(&reader) }
        try reader.readElements { reader throws(WireError) in try element(&reader) }
    }

    private func texts(_ reader: inout JSONReader) throws(WireError) -> [String] {
        var texts: [String] = []
        try each(&reader) { reader throws(WireError) in
            guard try reader.peek() == .string else { throw Self.refusal("a text was expected") }
            texts.append(try reader.readString())
        }
        return texts
    }
}

extension PolicyDocument {
    /// Reads a policy; a `ValidationException` says what of it is not known.
    public init(_ text: [UInt8], _ kind: Kind) throws(WireError) {
        self = try PolicyReader.read(text, kind)
    }
}
