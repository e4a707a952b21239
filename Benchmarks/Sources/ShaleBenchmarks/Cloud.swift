internal import CPeers
internal import Synchronization

/// The core workloads of the Yahoo! Cloud Serving Benchmark: a mix of operations on zipfian keys.
///
/// Inserted keys are those that lie between the loaded ones, in random order, so that they go everywhere.
enum Cloud {
    /// Shares in percent; together 100.
    struct Mix: Sendable {
        var reads = 0
        var updates = 0
        var readModifyWrites = 0
        var scans = 0
        var inserts = 0
        /// Whether popular keys are those inserted last.
        var readsLatest = false
    }

    static func run<S: Store>(_ store: S, _ request: Request, _ mix: Mix) -> RowResult {
        let zipf = Zipf(request.keyCount)
        let draws = mix.readsLatest ? zipf.ranks(for: request) : zipf.draws(for: request)
        let inserted = Inserted(request.keyCount)
        let outcomes = onThreads(request.threads) { thread in
            var client = Client(store.makeSession(), request, thread, inserted)
            defer { client.session.end() }
            let draws = draws[thread]
            let isCheap = mix.reads >= 95
            let outcome: Outcome
            if request.rate > 0 {
                let rate = request.rate / Double(request.threads)
                outcome = paced(seconds: request.seconds, perSecond: rate) {
                    client.step(mix, draws[$0])
                }
            } else {
                let every = isCheap ? Reads.sampleEvery : 1
                outcome = timed(.seconds(request.seconds), sampleEvery: every) {
                    client.step(mix, draws[$0])
                }
            }
            guard client.wrong == 0 else {
                fail("\(request.engine): \(client.wrong) wrong answers")
            }
            return outcome
        }
        var result = RowResult(outcomes: outcomes)
        let writing = mix.updates + mix.readModifyWrites + mix.inserts
        result.userBytes = result.operations * writing / 100 * (request.valueSize + 20)
        result.writes = writing > 0
        return result
    }

    /// Which keys have been inserted: all below a number, in the order of the permutation.
    private final class Inserted: Sendable {
        let permutation: Permutation
        /// Handed out to writers.
        let next = Atomic(0)
        /// Known to be there: advanced in order.
        let visible = Atomic(0)

        init(_ keyCount: Int) { permutation = Permutation(keyCount) }
    }

    /// One thread.
    private struct Client<Session: StoreSession>: ~Copyable {
        var session: Session
        let keyCount: Int
        let inserted: Inserted
        var key = KeyBuffer()
        var values: ValueBuffer
        var random: Random
        var wrong = 0

        init(_ session: Session, _ request: Request, _ thread: Int, _ inserted: Inserted) {
            self.session = session
            self.inserted = inserted
            keyCount = request.keyCount
            values = ValueBuffer(size: request.valueSize, seed: request.seed + UInt64(thread))
            random = Random(request.seed + UInt64(thread) * 104_729)
        }

        @inline(__always)
        mutating func step(_ mix: Mix, _ drawn: Int) {
            var choice = random.next(below: 100)
            if choice < mix.reads {
                return mix.readsLatest ? readLatest(drawn) : read(drawn)
            }
            choice -= mix.reads
            if choice < mix.updates { return update(drawn) }
            choice -= mix.updates
            if choice < mix.readModifyWrites {
                read(drawn)
                return update(drawn)
            }
            choice -= mix.readModifyWrites
            if choice < mix.scans {
                key.set(drawn)
                if session.scan(key, limit: 1 + random.next(below: 100)) == 0 { wrong += 1 }
                return
            }
            insert()
        }

        @inline(__always)
        private mutating func read(_ index: Int) {
            key.set(index)
            if session.get(key) != UInt64(index) { wrong += 1 }
        }

        @inline(__always)
        private mutating func update(_ index: Int) {
            key.set(index)
            session.put(key, values.make(stamp: UInt64(index)))
        }

        /// The key that was inserted `rank` inserts ago; before the first insert, one of the load.
        private mutating func readLatest(_ rank: Int) {
            let newest = inserted.visible.load(ordering: .acquiring) - 1
            if rank > newest {
                return read(inserted.permutation(keyCount - 1 - (rank - newest - 1)))
            }
            let index = inserted.permutation(newest - rank)
            key.set(index, offset: 1)
            if session.get(key) != UInt64(index) { wrong += 1 }
        }

        private mutating func insert() {
            let number = inserted.next.add(1, ordering: .relaxed).oldValue
            guard number < keyCount else { return update(inserted.permutation(number % keyCount)) }
            let index = inserted.permutation(number)
            key.set(index, offset: 1)
            session.put(key, values.make(stamp: UInt64(index)))
            // Inserts become known in their order: who is early waits for the other thread's.
            while inserted.visible.load(ordering: .acquiring) != number { benchYield() }
            inserted.visible.store(number + 1, ordering: .releasing)
        }
    }
}
