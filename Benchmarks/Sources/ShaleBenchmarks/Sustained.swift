internal import CPeers
internal import Synchronization

/// Zipfian overwrites for a long time, and how rate and space go along.
enum Sustained {
    /// The rates and sizes of every interval are in the output.
    static func overwrite<S: Store>(_ store: S, _ request: Request) -> RowResult {
        let zipf = Zipf(request.keyCount)
        let interval = max(1, min(60, request.seconds / 30))
        let count = Atomic(0)
        let samples = Mutex<[(operations: Int, bytes: Int)]>([])
        let outcomes = onThreads(request.threads + 1) { thread in
            guard thread > 0 else {
                for _ in 0..<Int(request.seconds / interval) {
                    benchSleep(interval)
                    let operations = count.load(ordering: .relaxed)
                    let bytes = Int(benchDirectoryBytes(request.directory, nil))
                    samples.withLock { $0.append((operations, bytes)) }
                }
                return Outcome()
            }
            return write(store, request, thread - 1, zipf, count)
        }
        var result = RowResult(outcomes: Array(outcomes.dropFirst()))
        result.userBytes = result.operations * (request.valueSize + 20)
        result.writes = true
        let taken = samples.withLock { $0 }
        let rates = zip(taken, [(operations: 0, bytes: 0)] + taken).map {
            String(Int(Double($0.operations - $1.operations) / interval))
        }
        result.extra = [
            ("intervalSeconds", String(interval)),
            ("intervalOpsPerSecond", "[" + rates.joined(separator: ",") + "]"),
            (
                "intervalBytesOnDisk",
                "[" + taken.map { String($0.bytes) }.joined(separator: ",") + "]"
            ),
        ]
        return result
    }

    private static func write<S: Store>(
        _ store: S,
        _ request: Request,
        _ thread: Int,
        _ zipf: Zipf,
        _ count: borrowing Atomic<Int>
    ) -> Outcome {
        var session = store.makeSession()
        defer { session.end() }
        var key = KeyBuffer()
        var values = ValueBuffer(size: request.valueSize, seed: request.seed + UInt64(thread))
        var random = Random(request.seed + UInt64(thread) * 7919)
        return timed(.seconds(request.seconds), sampleEvery: 1) { _ in
            // Drawn here, not ahead: a ring of draws would leave most keys alone.
            let chosen = zipf.key(&random)
            key.set(chosen)
            session.put(key, values.make(stamp: UInt64(chosen)))
            count.add(1, ordering: .relaxed)
        }
    }
}
