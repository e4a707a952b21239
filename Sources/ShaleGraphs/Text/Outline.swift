/// The states of a machine as an indented list: alternatives in what they belong to, and behind them what they lead to.
struct Outline {
    /// What a line shows.
    enum Content: Equatable {
        case state(Int)
        /// Belongs to the state above; its data are shown there.
        case branch(scope: Int)
        /// A transition, and whether its target follows in it.
        case alternative(Int, isFollowed: Bool)
        /// Where a state leads that does not stand below it.
        case jump(Int)
    }

    struct Line: Equatable {
        /// What stands before it: how deep it is.
        var prefix: String
        var content: Content
        /// Whether more of the same block follows below.
        var prefixBelow: String
    }

    /// Deeper alternatives stand at this depth.
    private static let mostDepth = 12

    private let graph: StateGraph
    private(set) var lines: [Line] = []

    init(_ graph: StateGraph) {
        self.graph = graph
        scope(0, prefix: "")
    }

    private mutating func scope(_ scope: Int, prefix: String) {
        let tree = Dominators(graph, scope: scope)
        if let start = graph.scopes[scope].start { block(start, tree, prefix) }
        // What nothing leads to; the service refuses it.
        let met = Set(tree.order)
        for state in graph.scopes[scope].states where !met.contains(state) {
            add(.state(state), prefix)
        }
    }

    private mutating func add(_ content: Content, _ prefix: String, below: String? = nil) {
        lines.append(Line(prefix: prefix, content: content, prefixBelow: below ?? prefix))
    }

    /// A state and all that it dominates.
    private mutating func block(_ first: Int, _ tree: Dominators, _ prefix: String) {
        var next: Int? = first
        while let state = next {
            let parts = Parts(state, graph, tree)
            add(.state(state), prefix, below: prefix + "│ ")
            let scopes = graph.states[state].scopes
            for inner in scopes {
                add(.branch(scope: inner), prefix)
                scope(inner, prefix: deeper(prefix))
            }
            for (number, isFollowed) in parts.alternatives {
                add(.alternative(number, isFollowed: isFollowed), prefix)
                if isFollowed { block(graph.transitions[number].to, tree, deeper(prefix)) }
            }
            if let jump = parts.jump { add(.jump(jump), prefix) }
            for join in parts.following.dropLast() { block(join, tree, prefix) }
            next = parts.following.last
        }
    }

    private func deeper(_ prefix: String) -> String {
        prefix.count < 3 * Self.mostDepth ? prefix + "│  " : prefix
    }
}

extension Outline {
    /// What stands below a state: in it, and behind it.
    private struct Parts {
        /// Transitions, and whether their targets stand in them.
        var alternatives: [(number: Int, isFollowed: Bool)] = []
        /// Where its usual way leads, where that is not below it.
        var jump: Int?
        /// What comes at the same depth.
        var following: [Int]

        init(_ state: Int, _ graph: StateGraph, _ tree: Dominators) {
            let ways = graph.transitions.indices.filter { graph.transitions[$0].from == state }
            let children = tree.children[state] ?? []
            let usual = ways.first { graph.transitions[$0].kind == .next }
            // What one alternative alone leads to stands in it.
            var inside = Set<Int>()
            for child in children {
                let leading = graph.transitions.indices.filter { graph.transitions[$0].to == child }
                if leading.count == 1, leading[0] != usual { inside.insert(child) }
            }
            // A Choice whose alternatives never meet goes on with its last one.
            let last = ways.last { graph.transitions[$0].kind == .otherwise }
            if usual == nil, inside.count == children.count, let last {
                inside.remove(graph.transitions[last].to)
            }
            for way in ways where way != usual {
                let isFollowed = inside.contains(graph.transitions[way].to)
                alternatives.append((way, isFollowed))
            }
            following = children.filter { !inside.contains($0) }
            guard let usual else { return }
            let target = graph.transitions[usual].to
            if tree.parent[target] == state {
                following.removeAll { $0 == target }
                following.insert(target, at: 0)
            } else {
                jump = target
            }
        }
    }
}
