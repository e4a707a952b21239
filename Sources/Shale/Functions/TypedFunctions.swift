internal import OrderedCollections
internal import ShaleJSON
internal import ShaleItems

/// Closures that take and answer values of the program's own types, as JSON.
///
///     struct Order: Codable { var id: String; var cents: Int }
///     struct Receipt: Codable { var text: String }
///
///     try await functions.register("charge") { (order: Order, call) in
///         Receipt(text: "\(order.cents) cents for \(order.id)")
///     }
///     let receipt = try await functions.invoke("charge", with: Order(id: "a", cents: 5), as: Receipt.self)
///
/// Objects are structures and dictionaries, lists are arrays. JSON has neither bytes nor sets: a value with bytes is refused, a set becomes
/// a list. Of a number with a fraction what a `Double` has is kept.
extension DatabaseFunctions {
    /// Makes a closure with types of its own the function of a name, or takes it in place of the one that it was.
    ///
    /// A call with what is no `Event` is the caller's `Unhandled` error, with the place and the reason.
    ///
    /// - Parameters:
    ///   - name: 1 to 64 letters, digits, hyphens and underscores.
    ///   - description: What it is told to be.
    ///   - timeoutSeconds: What a call may take, 1 to 900; the task of one that takes longer is cancelled.
    ///   - body: Is called from any number of tasks at once.
    /// - Throws: `.conflict`, `.invalid`, `.service`.
    public func register<
        Event: Decodable & SendableMetatype,
        Answer: Encodable & SendableMetatype
    >(
        _ name: String,
        description: String = "",
        timeoutSeconds: Int = 3,
        _ body: @escaping @Sendable (Event, FunctionCall) async throws -> Answer
    ) async throws(FunctionFailure) {
        try await register(name, description: description, timeoutSeconds: timeoutSeconds) { call in
            let event = try Self.value(Event.self, of: call.payload)
            return try Self.json(of: try await body(event, call))
        }
    }

    /// Calls a function with a value and waits for its answer.
    ///
    /// - Throws: `.notFound`, `.notRegistered`, `.unhandled`, `.tooMany`, `.service`; `.invalid` where the value is no JSON or the
    ///   answer is no `Answer`.
    public func invoke<Answer: Decodable>(
        _ name: String,
        with event: some Encodable,
        as answer: Answer.Type
    ) async throws(FunctionFailure) -> Answer {
        let payload = try Self.checked { () throws(ItemError) in try Self.json(of: event) }
        let bytes = try await invoke(name, payload)
        return try Self.checked { () throws(ItemError) in try Self.value(answer, of: bytes) }
    }

    /// Takes a value as an event for a function: answered when it is durable, handled at least once.
    ///
    /// - Throws: `.notFound`, `.invalid` where the value is no JSON or too large, `.tooMany`, `.service`.
    public func send(_ name: String, with event: some Encodable) async throws(FunctionFailure) {
        try await send(name, try Self.checked { () throws(ItemError) in try Self.json(of: event) })
    }

    private static func checked<Value>(
        _ body: () throws(ItemError) -> Value
    ) throws(FunctionFailure) -> Value {
        do throws(ItemError) { return try body() } catch {
            throw FunctionFailure(code: .invalid, message: "\(error)")
        }
    }

    private static func value<Value: Decodable>(
        _ type: Value.Type,
        of json: [UInt8]
    ) throws(ItemError) -> Value {
        var parser = JSONParser(json)
        let value: JSONValue
        do throws(JSONError) { value = try parser.wholeText() } catch {
            throw ItemError(.notConvertible, "No JSON: \(error.reason) at byte \(error.offset)")
        }
        return try AttributeDecoder().decodeValue(type, from: try AttributeValue(json: value))
    }

    private static func json(of value: some Encodable) throws(ItemError) -> [UInt8] {
        try JSONValue(try AttributeEncoder().encodeValue(value)).encoded()
    }
}

extension AttributeValue {
    /// The value that JSON is, with lists and maps.
    ///
    /// - Throws: for a number that is larger or smaller than numbers of items are.
    fileprivate init(json: JSONValue) throws(ItemError) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .number(Number(value))
        case .double(let value): self = .number(try Number(value))
        case .string(let text): self = .string(text)
        case .array(let elements):
            var list: [AttributeValue] = []
            for element in elements { list.append(try AttributeValue(json: element)) }
            self = .list(list)
        case .object(let members):
            var map: [(String, AttributeValue)] = []
            for (name, member) in members { map.append((name, try AttributeValue(json: member))) }
            self = .map(AttributeMap(map))
        }
    }
}

extension JSONValue {
    /// The JSON of a value.
    ///
    /// - Throws: `notConvertible` for bytes.
    fileprivate init(_ value: AttributeValue) throws(ItemError) {
        switch value {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .number(let number): self = Self.number(number)
        case .string(let text): self = .string(text)
        case .list(let elements):
            var list: [JSONValue] = []
            for element in elements { list.append(try JSONValue(element)) }
            self = .array(list)
        case .map(let members):
            var object = JSONObject()
            for (name, member) in members { object[name] = try JSONValue(member) }
            self = .object(object)
        case .stringSet(let texts): self = .array(texts.map { .string($0) })
        case .numberSet(let numbers): self = .array(numbers.map(Self.number))
        case .binary, .binarySet:
            throw ItemError(.notConvertible, "JSON has no bytes: hand on a text, as Base64")
        }
    }

    private static func number(_ number: Number) -> JSONValue {
        number.intValue.map { .integer(Int64($0)) } ?? .double(number.doubleValue)
    }
}
