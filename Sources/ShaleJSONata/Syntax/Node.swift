/// One part of a parsed expression.
// The parser alone writes to nodes, and hands them on when it has ended: nothing changes them after that.
final class Node: @unchecked Sendable {
    var kind: Kind
    /// How many characters of the expression stand before the end of the token that made this node.
    let position: Int
    /// How many nodes stand below one another here, this one included.
    private(set) var height = 1

    /// Filters behind an operand that is no step of a path.
    var predicates: [Stage] = []
    /// Filters and index bindings behind a step of a path.
    var stages: [Stage] = []
    var group: Group?
    /// The variable that a step binds its value to (`@$v`), leaving the context.
    var focus: String?
    /// The variable that a step binds its index to (`#$i`).
    var index: String?
    /// The name under which a step keeps its own context, for a `%` that follows.
    var ancestor: ParentSlot?
    var isTuple = false
    /// `[]` behind it: one value stays an array.
    var keepsArray = false
    var keepsSingleton = false
    var isConstructor = false
    /// The `%` in here that have not yet found their step.
    var seeking: [ParentSlot] = []

    init(_ kind: Kind, at position: Int) {
        self.kind = kind
        self.position = position
    }

    enum Kind {
        case name(String)
        case string(String)
        case number(Double)
        case bool(Bool)
        case null
        case pattern(Pattern)
        case variable(String)
        case wildcard
        case descendants
        case parent(ParentSlot)
        case path([Node])
        case sort([SortTerm])
        case binary(Operator, Node, Node)
        case negation(Node)
        case array([Node])
        case object([Pair])
        case block([Node])
        case binding(String, Node)
        case condition(Node, then: Node, otherwise: Node?)
        /// `a ?? b`: the first if it has a value.
        case coalescing(Node, Node)
        case call(Node, [Node])
        /// A call with places left open (nil).
        case partial(Node, [Node?])
        case lambda(Lambda)
        case application(Node, Node)
        case transform(pattern: Node, update: Node, delete: Node?)
    }

    enum Operator: String {
        case add = "+"
        case subtract = "-"
        case multiply = "*"
        case divide = "/"
        case modulo = "%"
        case equal = "="
        case unequal = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case concatenate = "&"
        case and
        case or
        case contained = "in"
        case range = ".."
    }

    enum Stage {
        case filter(Node)
        case index(String)
    }

    struct SortTerm {
        let expression: Node
        let isDescending: Bool
    }

    struct Pair {
        let key: Node
        let value: Node
    }

    struct Group {
        let pairs: [Pair]
        let position: Int
    }

    struct Lambda {
        let parameters: [String]
        let signature: Signature?
        let body: Node
        /// A call in the last place of a function, made when the function has returned.
        var isThunk = false
    }

    /// Says that nodes stand below this one.
    func adopt(_ children: Node?...) {
        for child in children {
            height = max(height, 1 + (child?.height ?? 0))
        }
    }
}

/// A `%` and the step it stands for.
// Written by the parser alone, as a node is.
final class ParentSlot: @unchecked Sendable {
    /// The variable that holds the parent; no text of an expression names it.
    var label: String
    /// How many steps are still to be gone back.
    var level = 1

    init(number: Int) {
        label = "!\(number)"
    }
}
