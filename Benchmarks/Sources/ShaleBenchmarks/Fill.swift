internal import CPeers

/// Rows that write a fixed number of entries.
enum Fill {
    /// In the order of the keys; several threads share the keys by ranges.
    static func sequential<S: Store>(_ store: S, _ request: Request) -> RowResult {
        puts(store, request, stampBit: 0) { $0 }
    }

    /// Every key once, in random order.
    static func random<S: Store>(_ store: S, _ request: Request, pass: Int) -> RowResult {
        let permutation = Permutation(request.keyCount)
        let (count, shift) = (request.keyCount, pass * request.keyCount / 3)
        return puts(store, request, stampBit: 0) { permutation(($0 + shift) % count) }
    }

    @inline(__always)
    private static func puts<S: Store>(
        _ store: S,
        _ request: Request,
        stampBit: UInt64,
        _ place: @escaping @Sendable (Int) -> Int
    ) -> RowResult {
        let outcomes = onThreads(request.threads) { thread in
            var session = store.makeSession()
            defer { session.end() }
            var key = KeyBuffer()
            var values = ValueBuffer(size: request.valueSize, seed: request.seed + UInt64(thread))
            let first = request.keyCount * thread / request.threads
            let end = request.keyCount * (thread + 1) / request.threads
            return timed(.operations(end - first), sampleEvery: 1) { index in
                let chosen = place(first + index)
                key.set(chosen)
                session.put(key, values.make(stamp: UInt64(chosen)))
            }
        }
        return result(outcomes, request, entriesPerOperation: 1)
    }

    /// Batches of 1,000 entries, every key once in random order; an operation is one entry, its latency the batch's.
    static func batches<S: Store>(_ store: S, _ request: Request) -> RowResult {
        let size = 1000
        let permutation = Permutation(request.keyCount)
        let outcomes = onThreads(request.threads) { thread in
            var session = store.makeSession()
            defer { session.end() }
            var key = KeyBuffer()
            var values = ValueBuffer(size: request.valueSize, seed: request.seed + UInt64(thread))
            let first = request.keyCount * thread / request.threads
            let end = request.keyCount * (thread + 1) / request.threads
            var outcome = timed(.operations((end - first) / size), sampleEvery: 1) { index in
                let start = first + index * size
                for place in start..<start + size {
                    let chosen = permutation(place)
                    key.set(chosen)
                    session.addToBatch(key, values.make(stamp: UInt64(chosen)))
                }
                session.commitBatch()
            }
            outcome.operations *= size
            return outcome
        }
        return result(outcomes, request, entriesPerOperation: 1)
    }

    private static func result(
        _ outcomes: [Outcome],
        _ request: Request,
        entriesPerOperation: Int
    ) -> RowResult {
        var result = RowResult(outcomes: outcomes)
        result.userBytes = result.operations * entriesPerOperation * (request.valueSize + 20)
        result.writes = true
        return result
    }
}
