import Simulator
import Testing

/// A register with reads, writes and compare-and-set, to try the checker on.
struct LinearizabilityTests {
    enum Register: Sendable {
        case write(Int)
        case read(Int)
        /// Sets the second where the first is; answers whether it did.
        case change(Int, Int, Bool)

        static func step(_ state: Int, _ call: Register) -> Int? {
            switch call {
            case .write(let value): value
            case .read(let value): value == state ? state : nil
            case .change(let old, let new, true): old == state ? new : nil
            case .change(let old, _, false): old == state ? nil : state
            }
        }
    }

    typealias Call = Linearizability.Call<Register>

    static func isLinearizable(_ calls: [Call]) -> Bool {
        Linearizability.problem(of: calls, from: 0, Register.step) == nil
    }

    static let good: [(String, [Call])] = [
        ("nothing", []),
        (
            "one after the other",
            [
                Call(begin: 1, end: 2, .write(1)), Call(begin: 3, end: 4, .read(1)),
            ]
        ),
        (
            "a read beside a write sees the new value",
            [
                Call(begin: 1, end: 4, .write(1)), Call(begin: 2, end: 3, .read(1)),
            ]
        ),
        (
            "or the old one",
            [
                Call(begin: 1, end: 4, .write(1)), Call(begin: 2, end: 3, .read(0)),
            ]
        ),
        (
            "writes in the other order than they began",
            [
                Call(begin: 1, end: 4, .write(1)), Call(begin: 2, end: 5, .write(2)),
                Call(begin: 6, end: 7, .read(1)),
            ]
        ),
        (
            "a write without an answer that happened late",
            [
                Call(begin: 1, end: nil, .write(1)), Call(begin: 2, end: 3, .read(0)),
                Call(begin: 4, end: 5, .read(1)),
            ]
        ),
        (
            "and one that never happened",
            [
                Call(begin: 1, end: nil, .write(1)), Call(begin: 2, end: 3, .read(0)),
            ]
        ),
        (
            "of two changes one",
            [
                Call(begin: 1, end: 4, .change(0, 1, true)),
                Call(begin: 2, end: 3, .change(0, 2, false)),
            ]
        ),
    ]

    @Test(arguments: good)
    func `an order is found where there is one`(name: String, calls: [Call]) {
        #expect(Self.isLinearizable(calls), "\(name)")
        #expect(Self.isLinearizable(calls.reversed()), "\(name), given in another order")
    }

    static let bad: [(String, [Call])] = [
        (
            "a write is lost",
            [
                Call(begin: 1, end: 2, .write(1)), Call(begin: 3, end: 4, .read(0)),
            ]
        ),
        (
            "the new value and then the old one",
            [
                Call(begin: 1, end: 8, .write(1)), Call(begin: 2, end: 3, .read(1)),
                Call(begin: 4, end: 5, .read(0)),
            ]
        ),
        ("a value that nobody wrote", [Call(begin: 1, end: 2, .read(7))]),
        (
            "a value before it was written",
            [
                Call(begin: 1, end: 2, .read(1)), Call(begin: 3, end: 4, .write(1)),
            ]
        ),
        (
            "two changes of one value",
            [
                Call(begin: 1, end: 4, .change(0, 1, true)),
                Call(begin: 2, end: 3, .change(0, 2, true)),
            ]
        ),
        (
            "a change that failed although it could not",
            [
                Call(begin: 1, end: 2, .write(3)), Call(begin: 3, end: 4, .change(3, 4, false)),
            ]
        ),
        (
            "a write without an answer that came and went",
            [
                Call(begin: 1, end: nil, .write(1)), Call(begin: 2, end: 3, .read(1)),
                Call(begin: 4, end: 5, .read(0)),
            ]
        ),
        (
            "two readers that see two writes in two orders",
            [
                Call(begin: 1, end: 10, .write(1)), Call(begin: 2, end: 11, .write(2)),
                Call(begin: 3, end: 4, .read(1)), Call(begin: 5, end: 6, .read(2)),
                Call(begin: 7, end: 8, .read(1)),
            ]
        ),
    ]

    @Test(arguments: bad)
    func `no order is found where there is none`(name: String, calls: [Call]) {
        #expect(!Self.isLinearizable(calls), "\(name)")
    }

    /// A read that comes first by its moments, but must lie behind some calls.
    @Test(
        arguments: [
            (0, [], true), (1, [1], true), (2, [1, 3], true), (2, [1], true), (0, [1], false),
            (1, [1, 3], false), (3, [], false),
        ] as [(Int, [Int], Bool)]
    )
    func `a call lies behind those that it follows`(seen: Int, follows: [Int], fits: Bool) {
        let calls = [
            Call(begin: 1, end: 2, .write(1)), Call(begin: 3, end: 4, .write(2)),
            Call(begin: -1, end: .max, .read(seen), follows: follows),
        ]
        #expect(Self.isLinearizable(calls) == fits)
    }

    @Test func `what fits nowhere is named`() throws {
        let calls = [
            Call(begin: 1, end: 2, .write(1)), Call(begin: 3, end: 4, .write(2)),
            Call(begin: 5, end: 6, .read(1)),
        ]
        let problem = try #require(Linearizability.problem(of: calls, from: 0, Register.step))
        #expect(problem.ordered == 2)
        guard case .read(1) = problem.stuck else {
            Issue.record("\(problem.stuck)")
            return
        }
    }

    /// Without memory this would take for ever: 12 writes at the same time have 12! orders.
    @Test func `many calls at once are soon refused`() {
        var calls = (1...12).map { Call(begin: $0, end: 100 + $0, .write($0 % 3)) }
        calls.append(Call(begin: 200, end: 201, .read(5)))
        #expect(!Self.isLinearizable(calls))
    }
}
