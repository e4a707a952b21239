/// Which state every way to a state of a scope passes last: its immediate dominator.
///
/// The tree of dominators is how people would indent the states: what only one alternative leads to stands in it,
/// what several lead to stands behind all of them. (Cooper, Harvey, Kennedy: A Simple, Fast Dominance Algorithm.)
struct Dominators {
    /// The states that can be reached from the first, each behind one that leads to it.
    private(set) var order: [Int] = []
    /// The immediate dominator of each but the first.
    private(set) var parent: [Int: Int] = [:]
    /// The states right below each in the tree, in the order of `order`.
    private(set) var children: [Int: [Int]] = [:]

    init(_ graph: StateGraph, scope: Int) {
        guard let start = graph.scopes[scope].start else { return }
        var (leaving, entering): ([Int: [Int]], [Int: [Int]]) = ([:], [:])
        for transition in graph.transitions where graph.states[transition.from].scope == scope {
            leaving[transition.from, default: []].append(transition.to)
            entering[transition.to, default: []].append(transition.from)
        }
        order = Self.reversePostorder(start, leaving)
        var places: [Int: Int] = [:]
        for (place, state) in order.enumerated() { places[state] = place }
        // By places in `order`; the first dominates itself.
        var dominators: [Int?] = Array(repeating: nil, count: order.count)
        dominators[0] = 0
        var isChanged = true
        while isChanged {
            isChanged = false
            for (place, state) in order.enumerated().dropFirst() {
                let known = (entering[state] ?? []).compactMap { places[$0] }
                    .filter { dominators[$0] != nil }
                guard let first = known.first else { continue }
                let joint = known.dropFirst().reduce(first) { Self.joint($0, $1, dominators) }
                if dominators[place] != joint {
                    dominators[place] = joint
                    isChanged = true
                }
            }
        }
        for (place, state) in order.enumerated().dropFirst() {
            guard let dominator = dominators[place] else { continue }
            parent[state] = order[dominator]
            children[order[dominator], default: []].append(state)
        }
    }

    /// The nearest that dominates both.
    private static func joint(_ left: Int, _ right: Int, _ dominators: [Int?]) -> Int {
        var (left, right) = (left, right)
        while left != right {
            if left > right { left = dominators[left] ?? 0 } else { right = dominators[right] ?? 0 }
        }
        return left
    }

    private static func reversePostorder(_ start: Int, _ leaving: [Int: [Int]]) -> [Int] {
        var done: [Int] = []
        var seen: Set = [start]
        var path: [(state: Int, rest: [Int])] = [(start, (leaving[start] ?? []).reversed())]
        while let (state, rest) = path.last {
            guard let next = rest.first else {
                done.append(state)
                path.removeLast()
                continue
            }
            path[path.count - 1].rest.removeFirst()
            if seen.insert(next).inserted {
                path.append((next, (leaving[next] ?? []).reversed()))
            }
        }
        return done.reversed()
    }
}
