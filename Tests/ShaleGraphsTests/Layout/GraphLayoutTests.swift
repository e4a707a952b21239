import Testing

@testable import ShaleGraphs

struct GraphLayoutTests {
    private static func layout(_ definition: String) throws -> (StateGraph, GraphLayout) {
        let graph = try StateGraph(definition: definition)
        return (graph, GraphLayout(ExecutionCourse(graph, events: []), at: 0))
    }

    private static func overlap(_ a: Box, _ b: Box) -> Bool {
        a.x < b.right - 0.01 && b.x < a.right - 0.01 && a.y < b.bottom - 0.01
            && b.y < a.bottom - 0.01
    }

    private static func holds(_ outer: Box, _ inner: Box) -> Bool {
        outer.x <= inner.x + 0.01 && outer.y <= inner.y + 0.01 && inner.right <= outer.right + 0.01
            && inner.bottom <= outer.bottom + 0.01
    }

    /// What every picture must keep to.
    private static func check(_ graph: StateGraph, _ layout: GraphLayout) {
        #expect(Set(layout.boxes.keys) == Set(graph.states.indices))
        let whole = Box(x: 0, y: 0, width: layout.size.width, height: layout.size.height)
        for (state, box) in layout.boxes {
            #expect(holds(whole, box), "\(graph.states[state].name)")
            let scope = graph.states[state].scope
            if graph.scopes[scope].owner != nil {
                let lane = layout.lanes.first { $0.scope == scope }?.box ?? whole
                #expect(holds(lane, box), "\(graph.states[state].name) is in its branch")
            }
            for (other, otherBox) in layout.boxes
            where other > state && graph.states[other].scope == scope {
                #expect(!overlap(box, otherBox), "\(state) and \(other)")
            }
        }
        for route in layout.routes {
            guard let label = route.label else { continue }
            let leaves = layout.boxes.filter { graph.states[$0.key].scopes.isEmpty }
            #expect(!leaves.values.contains { overlap(label, $0) }, "a label lies upon a state")
        }
        let shown = layout.routes.filter {
            if case .transition = $0.meaning { true } else { false }
        }
        #expect(shown.count == graph.transitions.count)
    }

    @Test func `a chain is straight, and each state below the one before`() throws {
        let (graph, layout) = try Self.layout(
            """
            {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"},
              "B": {"Type": "Pass", "Next": "C"}, "C": {"Type": "Pass", "End": true}}}
            """
        )
        Self.check(graph, layout)
        let boxes = [0, 1, 2].compactMap { layout.boxes[$0] }
        #expect(Set(boxes.map { Int($0.centre.rounded()) }).count == 1)
        #expect(boxes.map(\.y) == boxes.map(\.y).sorted())
        #expect(layout.start?.centre == layout.end?.centre)
    }

    @Test func `an arrow that closes a loop comes up beside the states, and enters from above`()
        throws
    {
        let (graph, layout) = try Self.layout(
            """
            {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"},
              "B": {"Type": "Choice", "Choices": [{"Condition": true, "Next": "A"},
                {"Condition": false, "Next": "B"}], "Default": "C"},
              "C": {"Type": "Succeed"}}}
            """
        )
        Self.check(graph, layout)
        let back = layout.routes.filter(\.isBack)
        #expect(back.count == 2)
        for route in back {
            for column in route.columns.dropFirst().dropLast() {
                let isFree = layout.boxes.values.allSatisfy {
                    column.x <= $0.x || column.x >= $0.right || column.bottom <= $0.y
                        || column.top >= $0.bottom
                }
                #expect(isFree, "the arrow passes through a state")
            }
        }
    }

    /// A machine of so many states with jumps forward and back, catchers, and containers to some depth.
    private static func machine(
        _ count: Int,
        _ prefix: String,
        depth: Int,
        _ random: inout SmallRandom
    ) -> String {
        let states = (0..<count).map { number -> String in
            let name = "\(prefix)\(number)"
            func other() -> String { "\(prefix)\(random.below(count))" }
            let next = number + 1 < count ? #""Next": "\#(prefix)\#(number + 1)""# : #""End": true"#
            switch random.below(8) {
            case 0 where number + 1 < count:
                return
                    #""\#(name)": {"Type": "Choice", "Default": "\#(prefix)\#(number + 1)", "Choices": ["#
                    + (0..<random.below(4)).map {
                        #"{"Variable": "$.x", "NumericEquals": \#($0), "Next": "\#(other())"}"#
                    }
                    .joined(separator: ",") + "]}"
            case 1:
                return
                    #""\#(name)": {"Type": "Task", "Resource": "r", \#(next), "Catch": [{"ErrorEquals": ["An.Error.With.A.Long.Name", "Another"], "Next": "\#(other())"}]}"#
            case 2 where depth > 0:
                let branches = (0...random.below(3)).map {
                    machine(1 + random.below(5), "\(name)-\($0)-", depth: depth - 1, &random)
                }
                return
                    #""\#(name)": {"Type": "Parallel", \#(next), "Branches": [\#(branches.joined(separator: ","))]}"#
            case 3 where depth > 0:
                let inner = machine(1 + random.below(5), "\(name)-i-", depth: depth - 1, &random)
                return #""\#(name)": {"Type": "Map", \#(next), "ItemProcessor": \#(inner)}"#
            default: return #""\#(name)": {"Type": "Pass", \#(next)}"#
            }
        }
        return #"{"StartAt": "\#(prefix)0", "States": {\#(states.joined(separator: ","))}}"#
    }

    @Test(arguments: 0..<40)
    func `whatever a machine is, no two states lie upon each other`(seed: Int) throws {
        var random = SmallRandom(state: UInt64(seed) &* 0x9E37_79B9 + 1)
        let definition = Self.machine(3 + random.below(20), "s", depth: 3, &random)
        let (graph, layout) = try Self.layout(definition)
        Self.check(graph, layout)
    }

    @Test func `two hundred states are laid out`() throws {
        var random = SmallRandom(state: 7)
        let (graph, layout) = try Self.layout(Self.machine(200, "s", depth: 0, &random))
        #expect(graph.states.count == 200)
        Self.check(graph, layout)
    }
}

/// A short row of numbers that is the same each time.
struct SmallRandom {
    var state: UInt64

    mutating func below(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(limit))
    }
}
