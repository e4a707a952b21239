internal import OrderedCollections
internal import ShaleJSON

/// A value of a definition in which parts are computed: by paths and functions in members whose names end in
/// `.$`, or by expressions in texts between `{%` and `%}`.
indirect enum Template: Sendable {
    case constant(JSONValue)
    /// Members in the order in which the output has them.
    case object([(name: String, value: Template)])
    case array([Template])
    /// A path, with the name of its member as failures give it.
    case path(JSONPath, field: String)
    case call(IntrinsicCall)
    case expression(Expression)

    /// The value of the template.
    func evaluate(in evaluation: Evaluation) throws(StateFailure) -> JSONValue {
        switch self {
        case .constant(let value): return value
        case .path(let path, let field): return try evaluation.value(of: path, field: field)
        case .call(let call): return try call.evaluate(in: evaluation)
        case .expression(let expression): return try expression.evaluate(in: evaluation)
        case .object(let members):
            var values = JSONObject(minimumCapacity: members.count)
            for (name, template) in members {
                values[name] = try template.evaluate(in: evaluation)
            }
            return .object(values)
        case .array(let elements):
            var values: [JSONValue] = []
            values.reserveCapacity(elements.count)
            for template in elements { values.append(try template.evaluate(in: evaluation)) }
            return .array(values)
        }
    }
}

extension Template {
    /// How deep templates may be nested.
    static let depthLimit = 200

    /// Compiles a payload template of JSONPath.
    ///
    /// Computed members come last and in the order of their hash table, as the service gives them.
    static func paths(
        _ value: JSONValue,
        at location: String,
        depth: Int = 0
    ) throws(DefinitionError) -> Template {
        guard depth < depthLimit else { throw DefinitionError(location, "nested too deep") }
        switch value {
        case .object(let members):
            var constants: [(name: String, value: Template)] = []
            var computed: [(name: String, value: Template)] = []
            for (name, member) in members {
                let place = location + "/" + name
                guard name.hasSuffix(".$") else {
                    constants.append((name, try paths(member, at: place, depth: depth + 1)))
                    continue
                }
                guard let text = member.text else {
                    throw DefinitionError(place, "the value of a field that ends in .$ is a text")
                }
                let template = try source(text, field: name, at: place)
                computed.append((String(name.dropLast(2)), template))
            }
            let order = JavaHash.order(of: computed.map(\.name))
            return simplified(.object(constants + order.map { computed[$0] }), value)
        case .array(let elements):
            var templates: [Template] = []
            for (index, element) in elements.enumerated() {
                let place = location + "/\(index)"
                templates.append(try paths(element, at: place, depth: depth + 1))
            }
            return simplified(.array(templates), value)
        default: return .constant(value)
        }
    }

    /// Compiles what a computed member says: a path or a call of a function.
    static func source(
        _ text: String,
        field: String,
        at location: String
    ) throws(DefinitionError) -> Template {
        do {
            if text.utf8.first == UInt8(ascii: "$") {
                return .path(try JSONPathParser.path(of: text), field: field)
            }
            return .call(try IntrinsicParser.call(of: text))
        } catch {
            throw DefinitionError(location, "no path and no function: \(error.reason)")
        }
    }

    /// Compiles a template of JSONata: texts between `{%` and `%}` at any depth are expressions.
    ///
    /// The field is the place in the state as failures give it: `Output/total`, `Catch[1]/Output`.
    static func expressions(
        _ value: JSONValue,
        field: String,
        at location: String,
        depth: Int = 0
    ) throws(DefinitionError) -> Template {
        guard depth < depthLimit else { throw DefinitionError(location, "nested too deep") }
        switch value {
        case .string(let text):
            guard let source = Expression.source(in: text) else { return .constant(value) }
            return .expression(try Expression(source, field: field, at: location))
        case .object(let members):
            var templates: [(name: String, value: Template)] = []
            for (name, member) in members {
                let template = try expressions(
                    member,
                    field: field + "/" + name,
                    at: location + "/" + name,
                    depth: depth + 1
                )
                templates.append((name, template))
            }
            return simplified(.object(templates), value)
        case .array(let elements):
            var templates: [Template] = []
            for (index, element) in elements.enumerated() {
                let template = try expressions(
                    element,
                    field: "\(field)[\(index)]",
                    at: "\(location)/\(index)",
                    depth: depth + 1
                )
                templates.append(template)
            }
            return simplified(.array(templates), value)
        default: return .constant(value)
        }
    }

    /// The constant, where nothing in the template is computed.
    private static func simplified(_ template: Template, _ value: JSONValue) -> Template {
        let parts: [Template] =
            switch template {
            case .object(let members): members.map(\.value)
            case .array(let elements): elements
            default: []
            }
        let isConstant = parts.allSatisfy { part in if case .constant = part { true } else { false }
        }
        return isConstant ? .constant(value) : template
    }
}
