internal import CPeers
internal import Synchronization

/// Rows of reads beside one writer.
enum Mixed {
    /// `request.threads` readers of random keys, and one thread that overwrites random keys; the rate of the
    /// row is that of the reads.
    ///
    /// With rates it is an open loop: reads and writes begin when their time has come.
    static func readWhileWriting<S: Store>(_ store: S, _ request: Request) -> RowResult {
        let outcomes = onThreads(request.threads + 1) { thread in
            thread == 0 ? write(store, request) : read(store, request, thread)
        }
        var result = RowResult(outcomes: Array(outcomes.dropFirst()))
        result.beside = [outcomes[0]]
        result.userBytes = outcomes[0].operations * (request.valueSize + 20)
        result.writes = true
        return result
    }

    private static func write<S: Store>(_ store: S, _ request: Request) -> Outcome {
        var session = store.makeSession()
        defer { session.end() }
        var key = KeyBuffer()
        var random = Random(request.seed)
        var values = ValueBuffer(size: request.valueSize, seed: request.seed)
        func put() {
            let chosen = random.next(below: request.keyCount)
            key.set(chosen)
            session.put(key, values.make(stamp: UInt64(chosen)))
        }
        guard request.writeRate > 0 else {
            return timed(.seconds(request.seconds), sampleEvery: 1) { _ in put() }
        }
        return paced(seconds: request.seconds, perSecond: request.writeRate) { _ in put() }
    }

    private static func read<S: Store>(_ store: S, _ request: Request, _ thread: Int) -> Outcome {
        var session = store.makeSession()
        defer { session.end() }
        var key = KeyBuffer()
        var random = Random(request.seed + UInt64(thread) * 7919)
        var wrong = 0
        func get() {
            let chosen = random.next(below: request.keyCount)
            key.set(chosen)
            if session.get(key) != UInt64(chosen) { wrong += 1 }
        }
        let outcome: Outcome
        if request.rate > 0 {
            let rate = request.rate / Double(request.threads)
            outcome = paced(seconds: request.seconds, perSecond: rate) { _ in get() }
        } else {
            outcome = timed(.seconds(request.seconds), sampleEvery: 1) { _ in get() }
        }
        guard wrong == 0 else { fail("\(request.engine): \(wrong) wrong answers") }
        return outcome
    }
}
