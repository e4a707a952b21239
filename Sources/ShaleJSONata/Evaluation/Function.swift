/// A function as a value.
final class Function {
    enum Kind {
        case lambda(Node.Lambda, input: Value, frame: Frame)
        case builtin(Builtin)
        case external(JSONataFunction)
        case pattern(Pattern)
        /// Finds the next match of a pattern, from a place on.
        case nextMatch(Pattern, [Unicode.Scalar], Int)
        /// A function with some arguments given; nil for those still to come.
        case partial(Function, [Value?])
        /// The second of the first.
        case chain(Function, Function)
        case transform(Node, frame: Frame)
    }

    let kind: Kind
    let signature: Signature?
    let depth: Int

    init(_ kind: Kind) {
        self.kind = kind
        switch kind {
        case .lambda(let lambda, let input, let frame):
            signature = lambda.signature
            depth = 1 + max(input.depth, frame.depth)
        case .builtin(let builtin):
            signature = builtin.signature
            depth = 1
        case .external(let function):
            signature = function.parsedSignature
            depth = 1
        case .partial(let function, let arguments):
            signature = nil
            depth = arguments.reduce(function.depth) { max($0, $1?.depth ?? 0) } + 1
        case .chain(let first, let second):
            signature = nil
            depth = 1 + max(first.depth, second.depth)
        case .transform(_, let frame):
            signature = nil
            depth = 1 + frame.depth
        case .pattern, .nextMatch:
            signature = nil
            depth = 1
        }
    }

    /// How many arguments it takes: a higher function gives no more.
    var arity: Int {
        switch kind {
        case .lambda(let lambda, _, _): lambda.parameters.count
        case .builtin(let builtin): builtin.arity
        case .external(let function): function.arity
        case .partial(_, let arguments): arguments.count { $0 == nil }
        case .pattern: 2
        case .chain, .transform: 1
        case .nextMatch: 0
        }
    }

    var thunk: (call: Node, input: Value, frame: Frame)? {
        guard case .lambda(let lambda, let input, let frame) = kind, lambda.isThunk else {
            return nil
        }
        return (lambda.body, input, frame)
    }
}

/// A function of the language itself.
struct Builtin: Sendable {
    typealias Body = @Sendable (Evaluator, Arguments) throws(JSONataError) -> Value

    let name: String
    let signature: Signature?
    /// How many arguments a higher function gives it.
    let arity: Int
    let body: Body
}

/// The arguments of a call, and where it stands.
struct Arguments {
    let values: [Value]
    let input: Value
    let frame: Frame

    /// An argument by its place; undefined where it was not given.
    subscript(index: Int) -> Value {
        index < values.count ? values[index] : .undefined
    }

    func string(_ index: Int) -> String? {
        if case .string(let text) = self[index] { text } else { nil }
    }

    func number(_ index: Int) -> Double? {
        if case .number(let value) = self[index] { value } else { nil }
    }

    func array(_ index: Int) -> ArrayValue? {
        if case .array(let array) = self[index] { array } else { nil }
    }

    func object(_ index: Int) -> ObjectValue? {
        if case .object(let object) = self[index] { object } else { nil }
    }

    func function(_ index: Int) -> Function? {
        if case .function(let function) = self[index] { function } else { nil }
    }

    func bool(_ index: Int) -> Bool? {
        if case .bool(let value) = self[index] { value } else { nil }
    }
}
