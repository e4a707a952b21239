/// Where everything of a graph is: boxes of states, lanes of branches, arrows.
///
/// Each scope is laid out by itself. A Parallel or Map is a box with a heading, and its scopes side by side in it.
struct GraphLayout {
    struct Lane {
        let scope: Int
        var box: Box
    }

    static let leafHeight = 48.0
    static let headingHeight = 48.0
    /// The strip with the symbol at the left of a box.
    static let strip = 28.0
    static let leafWidths = 150.0...300.0
    static let lanePadding = 16.0
    /// The way of the arrow that comes into a lane.
    static let entry = 24.0
    static let markSize = Size(width: 56, height: 26)
    static let (nameSize, smallSize) = (13.0, 11.0)

    var boxes: [Int: Box] = [:]
    var lanes: [Lane] = []
    var routes: [Route] = []
    /// The marks where the machine begins and ends.
    var start: Box?
    var end: Box?
    var size = Size(width: 0, height: 0)

    private let course: ExecutionCourse
    private let now: Int64

    /// Lays a whole machine out.
    init(_ course: ExecutionCourse, at now: Int64) {
        self.init(course, at: now, scope: 0)
    }

    private init(_ course: ExecutionCourse, at now: Int64, scope: Int) {
        self.course = course
        self.now = now
        lay(scope)
    }

    // MARK: One scope

    private mutating func lay(_ scope: Int) {
        let graph = course.graph
        let isMachine = graph.scopes[scope].owner == nil
        // The first state is the first node, so that a walk begins there.
        let first = graph.scopes[scope].start
        let states = graph.scopes[scope].states.filter { $0 != first }
        let members = [first].compactMap { $0 } + states
        var inner: [Int: [GraphLayout]] = [:]
        for state in members {
            inner[state] = graph.states[state].scopes.map {
                GraphLayout(course, at: now, scope: $0)
            }
        }
        var nodes = ScopeNodes(members, graph, hasMarks: isMachine)
        nodes.sizes = members.map { size(of: $0, inner[$0] ?? []) }
        if isMachine { nodes.sizes += [Self.markSize, Self.markSize] }
        let layered = LayeredGraph(nodes.sizes, nodes.edges(graph))
        let placed = PlacedScope(layered, nodes.meanings)
        size = placed.size
        routes = placed.routes
        for (index, state) in members.enumerated() {
            boxes[state] = placed.boxes[index]
            addLanes(state, inner[state] ?? [], in: placed.boxes[index])
        }
        if isMachine {
            start = placed.boxes[members.count]
            end = nodes.hasEnd ? placed.boxes[members.count + 1] : nil
        } else if let first, let box = placed.boxes.first, graph.scopes[scope].start == first {
            let column = Route.Column(x: box.centre, top: -Self.entry, bottom: box.y)
            routes.append(Route(columns: [column], meaning: .into(scope)))
        }
    }

    private func size(of state: Int, _ inner: [GraphLayout]) -> Size {
        let words = StateWords(state, course, at: now)
        let name = TextWidth.of(words.name, size: Self.nameSize, isBold: true)
        let below = TextWidth.of(words.subtitle, size: Self.smallSize)
        let figures = TextWidth.of(words.figures, size: Self.smallSize)
        let text = max(name, below + (figures > 0 ? figures + 14 : 0)) + Self.strip + 20
        let width = min(max(text, Self.leafWidths.lowerBound), Self.leafWidths.upperBound)
        guard !inner.isEmpty else { return Size(width: width, height: Self.leafHeight) }
        let lanes = inner.reduce(0) { $0 + $1.size.width + 2 * Self.lanePadding }
        let gaps = Double(inner.count + 1) * Self.lanePadding / 2
        let height = (inner.map(\.size.height).max() ?? 0) + Self.entry + Self.lanePadding
        return Size(
            width: max(width, lanes + gaps),
            height: Self.headingHeight + height + Self.lanePadding / 2
        )
    }

    /// Puts the scopes of a Parallel or Map into its box.
    private mutating func addLanes(_ state: Int, _ inner: [GraphLayout], in box: Box) {
        guard !inner.isEmpty else { return }
        let gap = Self.lanePadding / 2
        let widths = inner.map { $0.size.width + 2 * Self.lanePadding }
        let spare = box.width - widths.reduce(0, +) - gap * Double(inner.count + 1)
        let each = max(0, spare) / Double(inner.count)
        var x = box.x + gap
        for (layout, scope) in zip(inner, course.graph.states[state].scopes) {
            let lane = Box(
                x: x,
                y: box.y + Self.headingHeight,
                width: layout.size.width + 2 * Self.lanePadding + each,
                height: box.height - Self.headingHeight - gap
            )
            lanes.append(Lane(scope: scope, box: lane))
            take(layout, at: Point(x: lane.centre - layout.size.width / 2, y: lane.y + Self.entry))
            x = lane.right + gap
        }
    }

    private mutating func take(_ inner: GraphLayout, at offset: Point) {
        boxes.merge(inner.boxes.mapValues { $0.moved(by: offset) }) { $1 }
        lanes += inner.lanes.map { Lane(scope: $0.scope, box: $0.box.moved(by: offset)) }
        routes += inner.routes.map { $0.moved(by: offset) }
    }
}
