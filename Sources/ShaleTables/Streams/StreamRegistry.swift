internal import ShaleEngine
internal import Synchronization

/// The streams of a database: in memory as in the catalog.
final class StreamRegistry: Sendable {
    private struct State {
        var streams: [StreamIdentity: StreamDefinition]
        /// Generations that writers who began before may still add to.
        var draining: Set<TableID> = []
    }

    private let state: Mutex<State>

    init(_ streams: [StreamDefinition]) {
        state = Mutex(
            State(streams: Dictionary(uniqueKeysWithValues: streams.map { ($0.identity, $0) }))
        )
    }

    /// All streams, in the order of their identities.
    var all: [StreamDefinition] {
        state.withLock { Array($0.streams.values) }.sorted { $0.identity < $1.identity }
    }

    /// The stream with an identity; nil if there is none.
    subscript(_ identity: StreamIdentity) -> StreamDefinition? {
        state.withLock { $0.streams[identity] }
    }

    /// Where the records of all streams are, ascending.
    var engineTables: [TableID] {
        state.withLock { $0.streams.values.flatMap(\.engineTables) }.sorted()
    }

    /// The streams of a table, oldest first.
    func streams(ofTable id: String) -> [StreamDefinition] { all.filter { $0.tableID == id } }

    func install(_ stream: StreamDefinition) {
        state.withLock { $0.streams[stream.identity] = stream }
    }

    func remove(_ identity: StreamIdentity) { state.withLock { $0.streams[identity] = nil } }

    /// Whether nothing can be added to a generation any more, which readers may take for the end of its shards.
    func hasEnded(_ stream: StreamDefinition, _ generation: StreamGeneration) -> Bool {
        stream.isClosed(generation)
            && state.withLock { !$0.draining.contains(generation.engineTable.id) }
    }

    func beginDraining(_ table: TableID) { state.withLock { _ = $0.draining.insert(table) } }
    func endDraining(_ table: TableID) { state.withLock { _ = $0.draining.remove(table) } }
}
