internal import ShaleEngine
internal import Synchronization

/// Where the tokens of transactions are: the table that new ones go to, and the one before it.
struct TokenGenerations: Sendable, Equatable {
    var current: EngineTable
    var previous: EngineTable?
    /// When `current` was taken into use: milliseconds since 1970-01-01 UTC.
    var sinceMilliseconds: Int64

    /// All of them.
    var engineTables: [TableID] { [current.id] + (previous.map { [$0.id] } ?? []) }
}

/// Finds the tables of tokens, and renews them as time goes by (`TokenMark`).
///
/// A transaction asks twice: before it begins, so that there is a table, and while it owns its token, for the tables that
/// count then. Between that and its place in the log no table is dropped that it writes to, unless it takes
/// ten minutes.
final class TokenTables: Sendable {
    private let generations: Mutex<TokenGenerations?>
    private let turn = Turn()
    /// Where tokens are owned: in a table that stays, so that two transactions with one token never run at once.
    private let owner: EngineTable

    init(_ generations: TokenGenerations?, owner: EngineTable) {
        self.generations = Mutex(generations)
        self.owner = owner
    }

    /// A token as a key to own.
    func owned(_ token: [UInt8]) -> OwnedKey { OwnedKey(owner.id, owner.key(partition: token)) }

    /// The tables that count now; nil before the first token of a database.
    var now: TokenGenerations? { generations.withLock { $0 } }

    /// Makes sure that there is a table for tokens that is not older than they are remembered.
    func prepare(
        at milliseconds: Int64,
        _ engine: Engine,
        _ catalog: Catalog
    ) async throws(EngineError) {
        guard isDue(at: milliseconds) else { return }
        await turn.take()
        defer { turn.give() }
        guard isDue(at: milliseconds) else { return }
        let old = now
        let new = TokenGenerations(
            current: try await engine.createTable(),
            previous: old?.current,
            sinceMilliseconds: milliseconds
        )
        try await catalog.write(.tokens(new))
        generations.withLock { $0 = new }
        if let dropped = old?.previous { try await engine.dropTable(dropped.id) }
    }

    private func isDue(at milliseconds: Int64) -> Bool {
        guard let now else { return true }
        // A clock that was set back makes tokens live longer, and nothing worse.
        return milliseconds - now.sinceMilliseconds >= TableLimits.tokenMilliseconds
    }
}

extension TokenGenerations {
    /// The mark of a token that counts at a time; nil if there is none.
    func mark(
        of token: [UInt8],
        at milliseconds: Int64,
        _ view: ReadView
    ) throws(EngineError) -> TokenMark? {
        for table in [current, previous].compactMap(\.self) {
            guard let bytes = try view.get(table.id, table.key(partition: token)) else { continue }
            guard let mark = TokenMark(bytes) else {
                throw EngineError(.corrupted, "a token of a transaction is malformed")
            }
            if mark.untilMilliseconds > milliseconds { return mark }
        }
        return nil
    }
}
