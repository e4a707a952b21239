/// How much of what there may be of state machines.
package enum StatesLimits {
    /// State machines of an account.
    package static let machines = 10_000
    /// Versions of a state machine.
    package static let versions = 1_000
    /// Aliases of a state machine.
    package static let aliases = 100
    /// Activities of an account.
    package static let activities = 10_000
    /// Tags of a state machine or an activity.
    package static let tags = 50
    /// Letters of a definition, as UTF-16 counts them.
    package static let definitionLetters = 1_048_576
    /// Letters of a name, as UTF-16 counts them.
    package static let nameLetters = 80
    /// Bytes of a definition in one item, which holds at most 400 KB.
    static let pieceBytes = 256 * 1_024
    /// Bytes of definitions whose programs are kept in memory.
    static let cachedBytes = 8 * 1_024 * 1_024
}
