/// What a run of a seed leaves out of what the seed decided: how a failure is made smaller.
public struct Omissions: Sendable, Equatable {
    /// Acts and calls by name, `client-1` and the like, `faults`, `shared`, `cache`.
    public var names: Set<String>
    /// How much each client does in one life, at most; nil is what the seed says.
    public var callLimit: Int?

    /// Leaves out nothing, unless told.
    public init(names: Set<String> = [], callLimit: Int? = nil) {
        self.names = names
        self.callLimit = callLimit
    }

    /// Operations of the disk that fail.
    static let faults = "faults"
    /// Calls on what all clients use.
    static let shared = "shared"

    /// What is kept of items beside the engine.
    static let cache = "cache"

    static func client(_ number: Int) -> String { "client-\(number)" }

    /// Everything that can be left out by name, what matters most first.
    static var all: [String] {
        var names = (0..<4).map(client) + [faults, shared, cache]
        for name in Swarm.Act.allCases.map(\.rawValue) + TableSwarm.Act.allCases.map(\.rawValue)
            + TableSwarm.Call.allCases.map(\.rawValue) where !names.contains(name)
        {
            names.append(name)
        }
        return names
    }
}
