/// The states of one scope as nodes of a layered graph, for the machine with a mark before the first and behind the last.
struct ScopeNodes {
    static let labelWidth = 190.0
    static let labelHeight = 18.0

    let members: [Int]
    let hasMarks: Bool
    var sizes: [Size] = []
    /// What each edge stands for.
    private(set) var meanings: [Route.Meaning] = []
    /// Whether any state leads to the mark at the end.
    private(set) var hasEnd: Bool

    init(_ members: [Int], _ graph: StateGraph, hasMarks: Bool) {
        self.members = members
        self.hasMarks = hasMarks
        hasEnd = members.contains { graph.states[$0].leadsToEnd }
    }

    /// The arrows between nodes; what they stand for is in `meanings`.
    mutating func edges(_ graph: StateGraph) -> [LayeredGraph.Edge] {
        var nodes: [Int: Int] = [:]
        for (node, state) in members.enumerated() { nodes[state] = node }
        let (start, end) = (members.count, members.count + 1)
        var edges: [LayeredGraph.Edge] = []
        if hasMarks, !members.isEmpty {
            edges.append(LayeredGraph.Edge(from: start, to: 0, weight: 8))
            meanings.append(.into(0))
        }
        for (number, transition) in graph.transitions.enumerated() {
            guard let from = nodes[transition.from], let to = nodes[transition.to] else { continue }
            edges.append(
                LayeredGraph.Edge(
                    from: from,
                    to: to,
                    label: Self.label(transition).map(Self.size),
                    weight: Self.weight(transition.kind)
                )
            )
            meanings.append(.transition(number))
        }
        for (node, state) in members.enumerated() where hasMarks && graph.states[state].leadsToEnd {
            edges.append(LayeredGraph.Edge(from: node, to: end, weight: 4))
            meanings.append(.outOf(state))
        }
        return edges
    }

    /// What is written on an arrow.
    static func label(_ transition: StateGraph.Transition) -> String? {
        let text: String
        switch transition.kind {
        case .next: return nil
        case .otherwise: text = "otherwise"
        case .rule, .caught: text = transition.label ?? ""
        }
        return TextWidth.cut(text, to: labelWidth, size: GraphLayout.smallSize)
    }

    private static func size(of label: String) -> Size {
        let width = TextWidth.of(label, size: GraphLayout.smallSize)
        return Size(width: width + 16, height: labelHeight)
    }

    private static func weight(_ kind: StateGraph.Transition.Kind) -> Double {
        switch kind {
        case .next: 8
        case .otherwise, .rule: 2
        case .caught: 1
        }
    }
}

extension StateGraph.State {
    /// Whether an arrow shows that the machine may end behind it; Succeed and Fail say it themselves.
    var leadsToEnd: Bool { isLast && kind != "Fail" && kind != "Succeed" }
}
