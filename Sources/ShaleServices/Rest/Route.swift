/// A method and a path with parameters, as the service's model writes them.
///
///     GET /2015-03-31/functions/{FunctionName}/aliases/{Name}
package struct Route: Sendable {
    /// The method.
    package let method: String
    private let parts: [Part]

    private enum Part: Sendable {
        case word(String)
        case parameter(String)
    }

    /// Reads a route from how the model writes it.
    package init(_ method: String, _ path: String) {
        self.method = method
        parts = path.split(separator: "/").map { part in
            part.hasPrefix("{")
                ? .parameter(String(part.dropFirst().dropLast())) : .word(String(part))
        }
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
