internal import ShaleItems
internal import ShaleWire

/// Who waits for an answer.
package protocol ClientPresence: Sendable {
    /// Whether nobody waits any more: what would be answered is lost.
    var isGone: Bool { get }
}

/// One request of a REST protocol, taken apart: what operations read.
package struct RestCall: Sendable {
    /// What stands in the path, by the route's names.
    package var parameters: [String: String]
    /// What stands in the query, in its order.
    package var query: [(name: String, value: String)]
    /// Headers, by names in lower case.
    package var headers: [String: String]
    /// The body.
    package var body: [UInt8]
    /// Where the client reached the server, as `127.0.0.1:8000`.
    package var host: String
    /// What the request is known by: a UUID.
    package var identity: String
    /// Who waits for the answer; nil where nobody can go away.
    package var client: (any ClientPresence)?

    /// Puts a call together.
    package init(
        parameters: [String: String] = [:],
        query: [(name: String, value: String)] = [],
        headers: [String: String] = [:],
        body: [UInt8] = [],
        host: String = "",
        identity: String = "",
        client: (any ClientPresence)? = nil
    ) {
        self.parameters = parameters
        self.query = query
        self.headers = headers
        self.body = body
        self.host = host
        self.identity = identity
        self.client = client
    }

    /// The first value of a name in the query.
    func value(_ name: String) -> String? { query.first { $0.name == name }?.value }

    /// The members of the body, which is JSON or empty.
    ///
    /// - Throws: `.serialization`, and `.validation` that names all that is broken, `also` included.
    func members(
        _ shape: [Member],
        also constraints: Constraints = Constraints()
    ) throws(RestError) -> Item {
        do throws(WireError) {
            var constraints = constraints
            var reader = JSONReader(body.isEmpty ? Array("{}".utf8) : body)
            let item = try reader.readMembers(of: shape, at: "", &constraints)
            try reader.finish()
            try constraints.finish()
            return item
        } catch {
            throw RestError(error)
        }
    }

    /// How many are asked for, by a member of the query.
    func limit(
        _ name: String = "MaxItems",
        _ range: ClosedRange<Int>,
        else standard: Int
    ) throws(RestError) -> Int {
        guard let text = value(name) else { return standard }
        guard let number = Int(text) else {
            throw RestError(
                WireError.serialization("\(text.prefix(64)) can not be converted to an Integer")
            )
        }
        var constraints = Constraints()
        constraints.check(number, in: range, at: name.prefix(1).lowercased() + name.dropFirst())
        try constraints.finished()
        return number
    }
}

extension Constraints {
    /// Throws what was noted.
    func finished() throws(RestError) {
        do throws(WireError) { try finish() } catch { throw RestError(error) }
    }
}
