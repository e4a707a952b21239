internal import CPeers

/// Rows that only read.
///
/// The value's stamp is compared every time: a wrong answer has no rate.
enum Reads {
    /// Cheap operations are timed one in eight, so that the clock stays below 2 % of them.
    static let sampleEvery = 8

    /// Reads every entry once through the interface that the row uses.
    static func warm<S: Store>(_ store: S, _ request: Request) {
        var session = store.makeSession()
        defer { session.end() }
        var key = KeyBuffer()
        for index in 0..<request.keyCount {
            key.set(index)
            guard session.get(key) == UInt64(index) else {
                fail("\(request.engine) has lost key \(index)")
            }
        }
    }

    static func uniform<S: Store>(_ store: S, _ request: Request, offset: Int) -> RowResult {
        let outcomes = onThreads(request.threads) { thread in
            var session = store.makeSession()
            defer { session.end() }
            var key = KeyBuffer()
            var random = Random(request.seed + UInt64(thread) * 7919)
            var wrong = 0
            let every = request.isCold ? 1 : sampleEvery
            let outcome = timed(.seconds(request.seconds), sampleEvery: every) { _ in
                let chosen = random.next(below: request.keyCount)
                key.set(chosen, offset: offset)
                let expected = offset == 0 ? UInt64(chosen) : nil
                if session.get(key) != expected { wrong += 1 }
            }
            guard wrong == 0 else { fail("\(request.engine): \(wrong) wrong answers") }
            return outcome
        }
        return RowResult(outcomes: outcomes)
    }

    static func zipf<S: Store>(_ store: S, _ request: Request) -> RowResult {
        let draws = Zipf(request.keyCount).draws(for: request)
        let outcomes = onThreads(request.threads) { thread in
            var session = store.makeSession()
            defer { session.end() }
            var key = KeyBuffer()
            let draws = draws[thread]
            var wrong = 0
            let outcome = timed(.seconds(request.seconds), sampleEvery: sampleEvery) { index in
                let chosen = draws[index]
                key.set(chosen)
                if session.get(key) != UInt64(chosen) { wrong += 1 }
            }
            guard wrong == 0 else { fail("\(request.engine): \(wrong) wrong answers") }
            return outcome
        }
        return RowResult(outcomes: outcomes)
    }

    /// From a random key, at most `limit` entries of its partition key.
    static func scans<S: Store>(_ store: S, _ request: Request, limit: Int) -> RowResult {
        let outcomes = onThreads(request.threads) { thread in
            var session = store.makeSession()
            defer { session.end() }
            var key = KeyBuffer()
            var random = Random(request.seed + UInt64(thread) * 7919)
            var wrong = 0
            let outcome = timed(.seconds(request.seconds), sampleEvery: 1) { _ in
                let chosen = random.next(below: request.keyCount)
                key.set(chosen)
                let perKey = KeyBuffer.sortKeysPerPartitionKey
                let end = min(request.keyCount, (chosen / perKey + 1) * perKey)
                if session.scan(key, limit: limit) != min(limit, end - chosen) { wrong += 1 }
            }
            guard wrong == 0 else { fail("\(request.engine): \(wrong) wrong answers") }
            return outcome
        }
        return RowResult(outcomes: outcomes)
    }

    /// Everything, again and again; an operation is one entry, its latency a whole pass.
    static func everything<S: Store>(_ store: S, _ request: Request) -> RowResult {
        let outcomes = onThreads(request.threads) { _ in
            var session = store.makeSession()
            defer { session.end() }
            var seen = 0
            var outcome = timed(.seconds(request.seconds), sampleEvery: 1) { _ in
                let count = session.scanAll()
                guard count == request.keyCount else {
                    fail("\(request.engine): \(count) of \(request.keyCount) entries")
                }
                seen += count
            }
            outcome.operations = seen
            return outcome
        }
        return RowResult(outcomes: outcomes)
    }
}
