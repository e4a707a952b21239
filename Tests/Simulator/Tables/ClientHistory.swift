internal import ShaleItems
internal import Synchronization

/// Tables of one client and what is in them: all of its own tables, and its own items of those that all share.
struct ClientState: Sendable, Equatable {
    var items: [ItemKey: Item] = [:]
    /// The client's own tables.
    var tables: [String: TableSchema] = [:]

    mutating func apply(_ change: ClientHistory.Change) {
        switch change {
        case .item(let key, let item): items[key] = item
        case .made(let schema): tables[schema.name] = schema
        case .gone(let name):
            tables[name] = nil
            for key in items.keys where key.table == name { items[key] = nil }
        }
    }
}

/// What one client did to what is its own since that was last known for sure.
///
/// Its calls come one after the other, and a log has one end: so after a crash its own items are what they were
/// after some prefix of its changes, at least up to the last one that must have survived. A batch of writes is
/// one change for each item, in order; a transaction as well, but no prefix ends inside of it.
final class ClientHistory: Sendable {
    enum Change: Sendable {
        case item(ItemKey, Item?)
        case made(TableSchema)
        case gone(String)
    }

    struct Step: Sendable {
        var change: Change
        var begin: Int
        var end: Int?
        var isSynced: Bool
        /// Whether the next step is of the same transaction.
        var isJoined: Bool
    }

    private struct State {
        var base = ClientState()
        var steps: [Step] = []
    }

    let client: Int
    private let state = Mutex(State())

    init(client: Int) { self.client = client }

    /// What is known for sure.
    var base: ClientState { state.withLock { $0.base } }

    /// All tables that may be there, the newest first.
    var knownTables: [TableSchema] {
        state.withLock { state in
            let made = state.steps.reversed().compactMap { step -> TableSchema? in
                if case .made(let schema) = step.change { schema } else { nil }
            }
            return made + state.base.tables.values.sorted { $0.name < $1.name }
        }
    }

    /// Adds changes that are about to be made; answers which they are.
    func begin(
        _ changes: [Change],
        at moment: Int,
        isSynced: Bool,
        isTransaction: Bool = false
    ) -> Range<Int> {
        state.withLock { state in
            let first = state.steps.count
            for (index, change) in changes.enumerated() {
                state.steps.append(
                    Step(
                        change: change,
                        begin: moment,
                        end: nil,
                        isSynced: isSynced,
                        isJoined: isTransaction && index + 1 < changes.count
                    )
                )
            }
            return first..<state.steps.count
        }
    }

    func acknowledge(_ steps: Range<Int>, at moment: Int) {
        state.withLock { state in
            for index in steps { state.steps[index].end = moment }
        }
    }

    /// Takes back changes that were refused.
    func withdraw(_ steps: Range<Int>) {
        state.withLock { $0.steps.removeSubrange(steps) }
    }

    /// What is known for sure, and what was done since.
    var baseAndSteps: (ClientState, [Step]) { state.withLock { ($0.base, $0.steps) } }

    /// How many changes are acknowledged.
    var acknowledgedCount: Int {
        state.withLock { $0.steps.lastIndex { $0.end != nil }.map { $0 + 1 } ?? 0 }
    }

    /// How many were tried.
    var triedCount: Int { state.withLock { $0.steps.count } }

    // MARK: Comparing

    /// What survived a crash, as far as other clients are concerned.
    struct Survivors: Sendable {
        /// The latest beginning of a change that is there for sure.
        var latestBegin: Int?
        /// The earliest end of an acknowledged change that is lost for sure.
        var earliestLost: Int?
    }

    /// Compares what an opening after a crash found with what may be there, and takes it for sure from now on.
    ///
    /// - Parameters:
    ///   - found: the client's own items and tables.
    ///   - keepsBuffered: whether `.buffered` changes must have survived as well.
    /// - Returns: what survived.
    /// - Throws: what differs.
    func settle(
        _ found: ClientState,
        keepsBuffered: Bool
    ) throws(Failure) -> Survivors {
        let result: Result<Survivors, Failure> = state.withLock { state in
            let needed = Self.neededCount(state.base, state.steps, keepsBuffered: keepsBuffered)
            let match = Self.match(found, state.base, state.steps, needed...state.steps.count) {
                _ in
                true
            }
            switch match {
            case .failure(let difference):
                return .failure(Failure("client \(client): \(difference)"))
            case .success(let prefixes):
                let survivors = Survivors(
                    latestBegin: Self.latestChange(state.base, state.steps[..<prefixes.lowerBound]),
                    earliestLost: state.steps[prefixes.upperBound...].compactMap(\.end).min()
                )
                state = State(base: found)
                return .success(survivors)
            }
        }
        return try result.get()
    }

    /// How many steps must have survived.
    ///
    /// A step that changed nothing, as to delete what is not there, promises only that things stay so: what
    /// it saw must have survived, which is the last change of its key.
    private static func neededCount(
        _ base: ClientState,
        _ steps: [Step],
        keepsBuffered: Bool
    ) -> Int {
        var current = base
        var lastChanges: [ItemKey: Int] = [:]
        var needed = 0
        for (index, step) in steps.enumerated() {
            var length = index + 1
            if case .item(let key, let item) = step.change {
                if current.items[key] == item {
                    length = lastChanges[key] ?? 0
                } else {
                    lastChanges[key] = length
                }
            }
            current.apply(step.change)
            guard step.end != nil, step.isSynced || keepsBuffered else { continue }
            needed = max(needed, length)
        }
        return needed
    }

    /// When the last of some steps began that changed anything.
    private static func latestChange(_ base: ClientState, _ steps: ArraySlice<Step>) -> Int? {
        var current = base
        var latest: Int?
        for step in steps {
            if case .item(let key, let item) = step.change, current.items[key] == item { continue }
            current.apply(step.change)
            latest = step.begin
        }
        return latest
    }

    /// Whether the items of some tables are what they were after some prefix, at least `least` and at most
    /// `most` changes long; says what differs if not.
    func difference(
        _ found: ClientState,
        from least: Int,
        through most: Int,
        comparesTables: Bool = true,
        in covered: (ItemKey) -> Bool
    ) -> String? {
        state.withLock { state in
            guard least <= most, most <= state.steps.count else { return nil }
            let match = Self.match(
                found,
                state.base,
                state.steps,
                least...most,
                comparesTables: comparesTables,
                covered
            )
            switch match {
            case .success: return nil
            case .failure(let difference): return "client \(client): \(difference)"
            }
        }
    }

    /// The shortest and the longest prefix after which things are as found.
    private static func match(
        _ found: ClientState,
        _ base: ClientState,
        _ steps: [Step],
        _ range: ClosedRange<Int>,
        comparesTables: Bool = true,
        _ covered: (ItemKey) -> Bool
    ) -> Result<ClosedRange<Int>, Failure> {
        var current = base
        for step in steps[..<range.lowerBound] { current.apply(step.change) }
        var wrong = Set(
            Set(current.items.keys).union(found.items.keys).filter {
                covered($0) && current.items[$0] != found.items[$0]
            }
        )
        let first = words(wrong, current, found)
        var shortest: Int?
        var longest = 0
        for length in range {
            if length > range.lowerBound {
                let change = steps[length - 1].change
                let touched: [ItemKey] =
                    switch change {
                    case .item(let key, _): [key]
                    case .made: []
                    case .gone(let name): current.items.keys.filter { $0.table == name }
                    }
                current.apply(change)
                for key in touched where covered(key) {
                    if current.items[key] == found.items[key] {
                        wrong.remove(key)
                    } else {
                        wrong.insert(key)
                    }
                }
            }
            guard length == 0 || !steps[length - 1].isJoined else { continue }
            guard wrong.isEmpty, !comparesTables || current.tables == found.tables else { continue }
            shortest = shortest ?? length
            longest = length
        }
        if let shortest { return .success(shortest...longest) }
        return .failure(
            Failure(
                "what is there fits after none of its changes \(range.lowerBound) to \(range.upperBound);"
                    + " against the first: \(first)"
            )
        )
    }

    private static func words(
        _ wrong: Set<ItemKey>,
        _ expected: ClientState,
        _ found: ClientState
    ) -> String {
        guard let key = wrong.min(by: { $0.description < $1.description }) else {
            return "tables are \(found.tables.keys.sorted()), not \(expected.tables.keys.sorted())"
        }
        let there = found.items[key]?.words ?? "nothing"
        return "at \(key) is \(there), not \(expected.items[key]?.words ?? "nothing")"
    }
}
