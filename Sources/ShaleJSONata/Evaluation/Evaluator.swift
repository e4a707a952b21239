/// Walks the nodes of an expression, within its limits.
///
/// One evaluator serves one evaluation. Nothing here reads a clock or makes chance of its own.
final class Evaluator {
    let context: EvaluationContext
    let library: JSONataLibrary
    private(set) var remainingSteps: Int
    private var remainingSize: Int
    private var depth = 0
    private var boundFrames: [WeakFrame] = []
    private var nextSweep = 64
    private var randomState: UInt64

    init(context: EvaluationContext, library: JSONataLibrary) {
        self.context = context
        self.library = library
        remainingSteps = context.limits.steps
        remainingSize = context.limits.size
        randomState = context.seed
    }

    deinit {
        for bound in boundFrames { bound.frame?.clear() }
    }

    // MARK: Limits

    /// Takes steps of the budget.
    func spend(_ steps: Int = 1) throws(JSONataError) {
        remainingSteps -= steps
        guard remainingSteps >= 0 else { throw JSONataError.outOfSteps }
    }

    /// Says that a value of so many bytes is made.
    func charge(_ bytes: Int) throws(JSONataError) {
        remainingSize -= bytes
        guard remainingSize >= 0 else { throw JSONataError("U1002") }
    }

    /// An array that was made now.
    func array(
        _ elements: [Value],
        _ flags: ArrayValue.Flags = []
    ) throws(JSONataError) -> Value {
        try charge(elements.count * MemoryLayout<Value>.stride)
        return .array(ArrayValue(elements, flags))
    }

    /// A text that was made now.
    func string(_ text: String) throws(JSONataError) -> Value {
        try charge(text.utf8.count)
        return .string(text)
    }

    /// The next number of the seeded generator (SplitMix64).
    func nextRandom() -> UInt64 {
        randomState &+= 0x9E37_79B9_7F4A_7C15
        var z = randomState
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Remembers a frame into which a value was bound that may hold the frame.
    func note(_ frame: Frame, holds value: Value) {
        guard value.depth > 0 else { return }
        boundFrames.append(WeakFrame(frame: frame))
        guard boundFrames.count >= nextSweep else { return }
        boundFrames.removeAll { $0.frame == nil }
        nextSweep = max(64, boundFrames.count * 2)
    }

    /// How much deeper evaluations may still stand.
    var remainingDepth: Int { context.limits.depth - depth }

    // MARK: Nodes

    /// Runs a part that calls itself by way of functions, one level deeper.
    func deeper<T>(_ body: () throws(JSONataError) -> T) throws(JSONataError) -> T {
        depth += 1
        defer { depth -= 1 }
        guard depth <= context.limits.depth else { throw JSONataError("U1001") }
        return try body()
    }

    func evaluate(_ node: Node, _ input: Value, _ frame: Frame) throws(JSONataError) -> Value {
        depth += 1
        defer { depth -= 1 }
        guard depth <= context.limits.depth else {
            throw JSONataError("U1001", position: node.position)
        }
        try spend()
        var result = try value(of: node, input, frame)
        if !node.predicates.isEmpty {
            for case .filter(let predicate) in node.predicates {
                result = try filter(result, by: predicate, frame)
            }
        }
        if let group = node.group {
            if case .path = node.kind {
            } else {
                result = try grouped(result, group.pairs, at: group.position, frame)
            }
        }
        return unwrapped(result, keepsArray: node.keepsArray)
    }

    /// A sequence of one value as that value, of none as undefined.
    private func unwrapped(_ value: Value, keepsArray: Bool) -> Value {
        guard case .array(let array) = value, array.isSequence, !array.holdsTuples else {
            return value
        }
        switch array.count {
        case 0: return .undefined
        case 1 where !keepsArray && !array.flags.contains(.keepsSingleton): return array[0]
        default:
            guard keepsArray else { return value }
            return .array(ArrayValue(array, array.flags.union(.keepsSingleton)))
        }
    }

    private func value(
        of node: Node,
        _ input: Value,
        _ frame: Frame
    ) throws(JSONataError) -> Value {
        switch node.kind {
        case .path(let steps): return try path(node, steps, input, frame)
        case .name(let name): return try lookup(name, in: input)
        case .string(let text): return .string(text)
        case .number(let value): return .number(value)
        case .bool(let value): return .bool(value)
        case .null: return .null
        case .variable(let name): return variable(name, input, frame)
        case .binary(let operation, let left, let right):
            return try binary(operation, left, right, node.position, input, frame)
        case .condition(let condition, let then, let otherwise):
            if try isTrue(evaluate(condition, input, frame)) {
                return try evaluate(then, input, frame)
            }
            guard let otherwise else { return .undefined }
            return try evaluate(otherwise, input, frame)
        case .coalescing(let first, let second):
            let value = try evaluate(first, input, frame)
            return value.isUndefined ? try evaluate(second, input, frame) : value
        case .call(let procedure, let arguments):
            return try call(node, procedure, arguments, input, frame)
        case .block(let parts): return try block(parts, input, frame)
        default: return try rareValue(of: node, input, frame)
        }
    }

    private func rareValue(
        of node: Node,
        _ input: Value,
        _ frame: Frame
    ) throws(JSONataError) -> Value {
        switch node.kind {
        case .wildcard: return try wildcard(input)
        case .descendants: return try descendants(input)
        case .parent(let slot): return frame.lookup(slot.label)
        case .pattern(let pattern): return .function(Function(.pattern(pattern)))
        case .negation(let operand): return try negated(operand, node.position, input, frame)
        case .array(let items):
            return try constructed(items, node.isConstructor, input, frame)
        case .object(let pairs):
            return try grouped(input, pairs, at: node.position, frame)
        case .binding(let name, let expression):
            let value = try evaluate(expression, input, frame)
            try check(value)
            frame.bind(name, value)
            note(frame, holds: value)
            return value
        case .lambda(let lambda):
            return .function(Function(.lambda(lambda, input: input, frame: frame)))
        case .partial(let procedure, let arguments):
            return try partial(node, procedure, arguments, input, frame)
        case .application(let left, let right):
            return try application(node, left, right, input, frame)
        case .transform: return .function(Function(.transform(node, frame: frame)))
        default: preconditionFailure("the caller has taken the other nodes")
        }
    }

    /// Refuses what has become too deep: letting go of it would take too much of the stack.
    func check(_ value: Value) throws(JSONataError) {
        guard value.depth <= EvaluationContext.Limits.nesting else { throw JSONataError("U1002") }
    }

    private func variable(_ name: String, _ input: Value, _ frame: Frame) -> Value {
        guard name.isEmpty else { return frame.lookup(name) }
        if case .array(let array) = input, array.flags.contains(.outerWrapper), array.count > 0 {
            return array[0]
        }
        return input
    }

    private func block(
        _ parts: [Node],
        _ input: Value,
        _ frame: Frame
    ) throws(JSONataError) -> Value {
        let inner = Frame(parent: frame)
        var result = Value.undefined
        for part in parts { result = try evaluate(part, input, inner) }
        return result
    }
}
