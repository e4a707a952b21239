internal import CPeers

/// How long it takes to be there again after the process was killed with its log full.
enum Crash {
    /// Writes every key once and ends like `kill -9`; never returns.
    static func fill<S: Store>(_ store: S, _ request: Request) -> Never {
        _ = Fill.random(store, request, pass: 0)
        benchKill()
    }

    /// Opens, reads one key, and takes the time of both; then, untimed, every key must be there.
    static func recover<S: Store>(_: S.Type, _ request: Request) -> (S, RowResult) {
        let logBytes = Directory.logBytes(request.directory)
        var key = KeyBuffer()
        key.set(request.keyCount / 2)
        let started = Ticks.now
        let store = S(request.engine, request)
        var session = store.makeSession()
        guard session.get(key) != nil else { fail("\(request.engine) has lost a key") }
        let ended = Ticks.now
        session.end()
        Reads.warm(store, request)
        var outcome = Outcome()
        outcome.operations = request.keyCount
        (outcome.started, outcome.ended) = (started, ended)
        let seconds = Ticks.seconds(ended - started)
        outcome.histogram.record(nanoseconds: UInt64(seconds * 1e9))
        var result = RowResult(outcomes: [outcome])
        result.extra = [("recoverySeconds", String(seconds)), ("logBytesBefore", String(logBytes))]
        if store is ShaleStore {
            let replayed = ShaleStore.replayedLog
            result.extra.append(("replayedRecords", String(replayed.records)))
            result.extra.append(("replayedBytes", String(replayed.bytes)))
        }
        return (store, result)
    }
}
