extension Builtin {
    /// The functions of the language by name.
    static let all: [String: Builtin] = {
        var table: [String: Builtin] = [:]
        let groups = [
            strings, patterns, encodings, numbers, aggregates, arrays, objects, higher, times,
            general,
        ]
        for builtin in groups.joined() { table[builtin.name] = builtin }
        return table
    }()

    init(_ name: String, _ signature: String, arity: Int, _ body: @escaping Body) {
        self.init(name: name, signature: Signature(own: signature), arity: arity, body: body)
    }
}
