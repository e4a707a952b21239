internal import ShaleStates

/// What ARNs stand for and programs by revision, so that an execution begins without a read.
///
/// A change of a machine drops what stands for it, and whatever was read before the change is not kept after it.
struct MachineCache: Sendable {
    /// What an ARN stands for.
    struct Place: Sendable {
        struct Choice: Sendable {
            var machine: ResolvedMachine
            var weight: Int
            var definitionBytes: Int
        }

        let machine: String
        /// One with the weight 100, or two of an alias.
        let choices: [Choice]

        /// The choice at a number from 0 to 99.
        func choice(at number: Int) -> ResolvedMachine {
            var left = number
            for choice in choices {
                if left < choice.weight { return choice.machine }
                left -= choice.weight
            }
            return choices[choices.count - 1].machine
        }
    }

    private var places = BoundedCache<Place>(limit: StatesLimits.cachedBytes)
    private var programs = BoundedCache<StateMachineProgram>(limit: StatesLimits.cachedBytes)
    /// How often machines changed.
    private(set) var changes = 0

    mutating func place(_ arn: String) -> Place? { places.value(arn) }
    mutating func program(_ revision: String) -> StateMachineProgram? { programs.value(revision) }

    /// Keeps what was read, unless a machine has changed since.
    mutating func keep(_ place: Place, as arn: String, since changes: Int) {
        guard changes == self.changes else { return }
        let bytes = place.choices.reduce(0) { $0 + $1.definitionBytes }
        places.keep(place, as: arn, cost: Self.cost(bytes))
    }

    /// Keeps a program; revisions never change.
    mutating func keep(_ program: StateMachineProgram, as revision: String, definitionBytes: Int) {
        programs.keep(program, as: revision, cost: Self.cost(definitionBytes))
    }

    /// A machine has changed.
    mutating func forget(_ machine: String) {
        changes += 1
        places.removeAll { $0.machine == machine }
    }

    /// A place has names and resource names besides its program.
    private static func cost(_ definitionBytes: Int) -> Int { definitionBytes + 1_024 }
}
