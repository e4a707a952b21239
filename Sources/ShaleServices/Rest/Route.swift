/// A method and a path with parameters, as the service's model writes them.
///
///     GET /2015-03-31/functions/{FunctionName}/aliases/{Name}
///     GET /2018-10-31/layers?find=LayerVersion
package struct Route: Sendable {
    /// The method.
    package let method: String
    private let parts: [Part]
    /// What must stand in the query; nil is nothing.
    private let asked: Substring?

    private enum Part: Sendable {
        case word(String)
        case parameter(String)
    }

    /// Reads a route from how the model writes it.
    package init(_ method: String, _ path: String) {
        self.method = method
        let halves = path.split(separator: "?")
        asked = halves.count > 1 ? halves[1] : nil
        parts = halves[0].split(separator: "/").map { part in
            part.hasPrefix("{")
                ? .parameter(String(part.dropFirst().dropLast())) : .word(String(part))
        }
    }

    /// Whether a query, as it came, has what the route wants there.
    func isAsked(by query: String) -> Bool {
        guard let asked else { return true }
        return query.split(separator: "&").contains { $0.utf8.elementsEqual(asked.utf8) }
    }

    /// The parameters of a path that is one of this route, decoded; nil where it is none.
    ///
    /// - Parameter segments: The parts between the slashes, decoded.
    /// - Returns: By the names of the route.
    func parameters(of segments: [String]) -> [String: String]? {
        guard segments.count == parts.count else { return nil }
        var parameters: [String: String] = [:]
        for (part, segment) in zip(parts, segments) {
            switch part {
            case .word(let word):
                guard word.utf8.elementsEqual(segment.utf8) else { return nil }
            case .parameter(let name):
                guard !segment.isEmpty else { return nil }
                parameters[name] = segment
            }
        }
        return parameters
    }
}
