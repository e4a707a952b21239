/// The states of a machine and where each may lead: what there is to draw.
///
/// States, scopes and transitions are numbered in the order of the definition. The machine itself is scope 0;
/// each branch of a Parallel and the processor of a Map is one more, owned by that state. Names of states are
/// unique in the whole machine, so a name finds its state.
package struct StateGraph: Sendable {
    package struct State: Sendable {
        package let name: String
        /// `Task`, `Choice` and the like, as the definition has it.
        package let kind: String
        /// What a Task calls, in few words.
        package var resource: String?
        /// Whether a Task waits until somebody reports on its token.
        package var awaitsToken = false
        /// Where it stands.
        package let scope: Int
        /// What runs inside of it.
        package var scopes: [Int] = []
        /// Whether a Map runs its items in executions of their own.
        package var isDistributed = false
        /// Whether its scope may end with it.
        package var isLast = false
    }

    package struct Scope: Sendable {
        /// The first state; nil where the definition names none that is there.
        package var start: Int?
        package var states: [Int] = []
        /// The Parallel or Map that it belongs to; nil for the machine.
        package let owner: Int?
    }

    /// All rules that lead from one state to another in one way.
    package struct Transition: Sendable {
        package enum Kind: String, Sendable {
            case next, rule, otherwise, caught
        }

        package let from: Int
        package let to: Int
        package let kind: Kind
        /// The condition, or the errors that are caught.
        package var label: String?
    }

    package internal(set) var states: [State] = []
    package internal(set) var scopes: [Scope] = []
    package internal(set) var transitions: [Transition] = []
    private var numbers: [String: Int] = [:]

    /// The number of a state.
    package func state(_ name: String) -> Int? { numbers[name] }

    /// The transitions that leave a state, those of the usual course first.
    package func transitions(from state: Int) -> [Transition] {
        transitions.filter { $0.from == state }
    }

    mutating func add(_ state: State) -> Int {
        states.append(state)
        numbers[state.name] = states.count - 1
        scopes[state.scope].states.append(states.count - 1)
        return states.count - 1
    }

    /// Adds a transition, or its label to the one that leads the same way.
    mutating func add(_ transition: Transition) {
        let same = transitions.lastIndex {
            ($0.from, $0.to, $0.kind) == (transition.from, transition.to, transition.kind)
        }
        guard let same, let label = transition.label else {
            if same == nil { transitions.append(transition) }
            return
        }
        let joint = transition.kind == .rule ? " or " : ", "
        transitions[same].label = transitions[same].label.map { $0 + joint + label } ?? label
    }
}

/// Why a definition cannot be drawn.
package struct GraphError: Error, Sendable {
    package let reason: String
}
