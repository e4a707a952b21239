/// Boxes and arrows of one scope with their heights, from a graph whose ranks and places are known.
struct PlacedScope {
    /// Between two ranks; more where arrows go far to the side.
    private static let rankGap = 26.0
    private static let slope = 0.07
    private static let mostGap = 56.0
    /// Between the places where arrows leave a box.
    private static let portGap = 16.0

    private(set) var boxes: [Box] = []
    private(set) var routes: [Route] = []
    private(set) var size = Size(width: 0, height: 0)
    private var tops: [Double] = []
    private var heights: [Double] = []

    init(_ graph: LayeredGraph, _ meanings: [Route.Meaning]) {
        placeRanks(graph)
        boxes = graph.sizes.indices.map { node in
            let slot = graph.slots[node]
            let middle = tops[slot.rank] + heights[slot.rank] / 2
            return Box(
                x: slot.x - slot.size.width / 2,
                y: middle - slot.size.height / 2,
                width: slot.size.width,
                height: slot.size.height
            )
        }
        let ports = ports(graph)
        routes = graph.edges.indices.map { edge in
            route(graph, edge, from: ports[edge], meanings[edge])
        }
        let right = graph.slots.map { $0.x + $0.size.width / 2 }.max() ?? 0
        size = Size(width: right, height: (tops.last ?? 0) + (heights.last ?? 0))
        // An arrow that closes a loop swings out below its source.
        let swingsOut = graph.edges.indices.contains {
            graph.isBack[$0] && graph.slots[graph.edges[$0].from].rank == tops.count - 1
        }
        if swingsOut { size.height += Route.swing * 0.75 }
    }

    private mutating func placeRanks(_ graph: LayeredGraph) {
        var top = 0.0
        for rank in graph.ranks.indices {
            let height = graph.ranks[rank].map { graph.slots[$0].size.height }.max() ?? 0
            let far =
                graph.ranks[rank].flatMap { slot in
                    graph.slots[slot].below.map {
                        abs(graph.slots[$0.slot].x - graph.slots[slot].x)
                    }
                }.max() ?? 0
            tops.append(top)
            heights.append(height)
            top += height + min(Self.mostGap, Self.rankGap + far * Self.slope)
        }
    }

    /// Where each arrow leaves its box: in the order of where they go, the one straight below in the middle.
    private func ports(_ graph: LayeredGraph) -> [Double] {
        var ports = Array(repeating: 0.0, count: graph.edges.count)
        for node in graph.sizes.indices {
            let middle = boxes[node].centre
            let ways = graph.edges.indices.filter { graph.edges[$0].from == node }
                .map { edge in
                    (edge: edge, x: graph.slots[graph.chains[edge].first ?? graph.edges[edge].to].x)
                }
                .sorted { $0.x < $1.x }
            let hasStraight = ways.contains { abs($0.x - middle) < 1 }
            let left = ways.filter { $0.x <= middle - 1 }
            let right = ways.filter { $0.x >= middle + 1 }
            for way in ways { ports[way.edge] = middle }
            guard hasStraight || ways.count > 1 else { continue }
            let room = boxes[node].width / 2 - 14
            for (side, ways) in [(-1.0, Array(left.reversed())), (1.0, right)] {
                let gap = min(Self.portGap, room / Double(max(1, ways.count)))
                for (place, way) in ways.enumerated() {
                    ports[way.edge] = middle + side * gap * Double(place + 1)
                }
            }
        }
        return ports
    }

    private func route(
        _ graph: LayeredGraph,
        _ number: Int,
        from port: Double,
        _ meaning: Route.Meaning
    ) -> Route {
        let edge = graph.edges[number]
        let (source, target) = (boxes[edge.from], boxes[edge.to])
        let (fromRank, toRank) = (graph.slots[edge.from].rank, graph.slots[edge.to].rank)
        var columns = [
            Route.Column(x: port, top: source.bottom, bottom: tops[fromRank] + heights[fromRank])
        ]
        for slot in graph.chains[number] {
            let rank = graph.slots[slot].rank
            let top = tops[rank]
            columns.append(
                Route.Column(x: graph.slots[slot].x, top: top, bottom: top + heights[rank])
            )
        }
        var entry = target.centre
        if graph.isBack[number], let last = columns.last {
            entry += last.x < entry ? -Self.portGap : Self.portGap
        }
        columns.append(Route.Column(x: entry, top: tops[toRank], bottom: target.y))
        var route = Route(columns: columns, isBack: graph.isBack[number], meaning: meaning)
        if let label = graph.labels[number] {
            let slot = graph.slots[label]
            let middle = tops[slot.rank] + heights[slot.rank] / 2
            route.label = Box(
                x: slot.x - slot.size.width / 2,
                y: middle - slot.size.height / 2,
                width: slot.size.width,
                height: slot.size.height
            )
        }
        return route
    }
}
