internal import CPeers
internal import Synchronization

/// Puts that wait until they are safe from the loss of power.
enum Synced {
    /// Each thread puts random keys, one after the other.
    static func threads<S: Store>(_ store: S, _ request: Request) -> RowResult {
        let outcomes = onThreads(request.threads) { thread in
            var session = store.makeSession()
            defer { session.end() }
            var key = KeyBuffer()
            var random = Random(request.seed + UInt64(thread) * 7919)
            var values = ValueBuffer(size: request.valueSize, seed: request.seed + UInt64(thread))
            return timed(.seconds(request.seconds), sampleEvery: 1) { _ in
                let chosen = random.next(below: request.keyCount)
                key.set(chosen)
                session.put(key, values.make(stamp: UInt64(chosen)))
            }
        }
        return result(outcomes, request)
    }

    /// The same with one task each, on the cooperative pool; only ours has such a call.
    static func tasks(_ store: ShaleStore, _ request: Request) -> RowResult {
        let box = Box()
        Task.detached {
            let outcomes = await withTaskGroup(of: Outcome.self) { group in
                for index in 0..<request.threads {
                    group.addTask { await puts(store, request, index) }
                }
                return await group.reduce(into: [Outcome]()) { $0.append($1) }
            }
            box.outcomes.withLock { $0 = outcomes }
        }
        // The main thread is no thread of the pool: it may wait.
        while true {
            if let outcomes = box.outcomes.withLock({ $0 }) { return result(outcomes, request) }
            benchSleep(0.01)
        }
    }

    private final class Box: Sendable {
        let outcomes = Mutex<[Outcome]?>(nil)
    }

    private static func puts(_ store: ShaleStore, _ request: Request, _ index: Int) async -> Outcome
    {
        var random = Random(request.seed + UInt64(index) * 7919)
        var outcome = Outcome()
        let scale = Ticks.nanosecondsPerTick
        outcome.started = Ticks.now
        let end = outcome.started + UInt64(request.seconds * Ticks.perSecond)
        var now = outcome.started
        while now < end {
            let entry = ShaleStore.Entry(random.next(below: request.keyCount), request, &random)
            let before = Ticks.now
            await store.putAsync(entry)
            now = Ticks.now
            outcome.histogram.record(nanoseconds: UInt64(Double(now &- before) * scale))
            outcome.operations += 1
        }
        outcome.ended = now
        return outcome
    }

    private static func result(_ outcomes: [Outcome], _ request: Request) -> RowResult {
        var result = RowResult(outcomes: outcomes)
        result.userBytes = result.operations * (request.valueSize + 20)
        result.writes = true
        return result
    }
}
