package import ShaleJSON

/// A function that the caller adds to the language.
package struct JSONataFunction: Sendable {
    /// What computes the result from the arguments; nil stands for undefined.
    package typealias Body =
        @Sendable ([JSONValue?], Tools) throws(JSONataError) -> JSONValue?

    /// The name without the `$`.
    package let name: String
    let parsedSignature: Signature?
    let arity: Int
    let body: Body

    /// Makes a function.
    ///
    /// The signature says what it takes, as JSONata's do: `<s-n?:s>`, nil for anything; the arity how many arguments
    /// a higher function such as `$map` gives it. Throws S0401 or S0402 where the signature is none.
    package init(
        _ name: String,
        signature: String?,
        arity: Int,
        body: @escaping Body
    ) throws(JSONataError) {
        self.name = name
        if let signature {
            parsedSignature = try Signature(signature)
        } else {
            parsedSignature = nil
        }
        self.arity = arity
        self.body = body
    }

    /// A function of this project, whose signature is one.
    init(own name: String, _ signature: String, arity: Int, _ body: @escaping Body) {
        self.name = name
        parsedSignature = Signature(own: signature)
        self.arity = arity
        self.body = body
    }

    /// What a function of the caller may use of the evaluation.
    package struct Tools {
        let evaluator: Evaluator

        /// The next number of the evaluation's seeded generator.
        package func random() -> UInt64 { evaluator.nextRandom() }

        /// Says that a value of so many bytes is about to be made, or throws where that is too much.
        package func charge(_ bytes: Int) throws(JSONataError) { try evaluator.charge(bytes) }
    }
}

/// The functions that an expression may call.
package struct JSONataLibrary: Sendable {
    /// The functions of JSONata.
    package static let standard = JSONataLibrary()

    private var removed: Set<String> = []
    private var added: [String: JSONataFunction] = [:]

    /// This library and a function, which takes the place of one of its name.
    package func adding(_ functions: [JSONataFunction]) -> JSONataLibrary {
        var library = self
        for function in functions { library.added[function.name] = function }
        return library
    }

    /// This library without some functions.
    package func removing(_ names: Set<String>) -> JSONataLibrary {
        var library = self
        library.removed.formUnion(names)
        for name in names { library.added[name] = nil }
        return library
    }

    /// Whether there is a function of a name.
    package func contains(_ name: String) -> Bool {
        added[name] != nil || (Builtin.all[name] != nil && !removed.contains(name))
    }

    /// The function of a name as a value of one evaluation.
    func function(_ name: String) -> Function? {
        if let function = added[name] { return Function(.external(function)) }
        guard let builtin = Builtin.all[name], !removed.contains(name) else { return nil }
        return Function(.builtin(builtin))
    }
}
