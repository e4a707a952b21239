internal import CPeers
internal import Synchronization

/// What one thread did.
struct Outcome: Sendable {
    var operations = 0
    var histogram = Histogram()
    var started: UInt64 = 0
    var ended: UInt64 = 0
}

/// When a thread stops.
enum Limit: Sendable {
    case seconds(Double)
    case operations(Int)
}

/// Calls `body` with 0, 1, 2, … until the limit, and takes the time of every `sampleEvery`th call.
@inline(__always)
func timed(_ limit: Limit, sampleEvery: Int, _ body: (Int) -> Void) -> Outcome {
    var outcome = Outcome()
    let started = Ticks.now
    let end: UInt64
    let most: Int
    switch limit {
    case .seconds(let seconds): (end, most) = (started + UInt64(seconds * Ticks.perSecond), .max)
    case .operations(let count): (end, most) = (.max, count)
    }
    let scale = Ticks.nanosecondsPerTick
    var count = 0
    var now = started
    while count < most && now < end {
        let before = Ticks.now
        body(count)
        now = Ticks.now
        outcome.histogram.record(nanoseconds: UInt64(Double(now &- before) * scale))
        count += 1
        let next = min(count + sampleEvery - 1, most)
        while count < next {
            body(count)
            count += 1
        }
    }
    outcome.operations = count
    outcome.started = started
    outcome.ended = Ticks.now
    return outcome
}

/// As `timed`, but an operation begins when its time has come.
///
/// Its latency counts from that time even if the ones before it were late, and none is skipped: an engine that
/// does not keep up runs longer, at most four times `seconds`.
@inline(__always)
func paced(seconds: Double, perSecond: Double, _ body: (Int) -> Void) -> Outcome {
    var outcome = Outcome()
    let started = Ticks.now
    let interval = Ticks.perSecond / perSecond
    let count = Int(seconds * perSecond)
    let end = started + UInt64(4 * seconds * Ticks.perSecond)
    let scale = Ticks.nanosecondsPerTick
    // Closer than this, waiting costs less than giving the processor away and getting it back.
    let nearby = UInt64(2e-6 * Ticks.perSecond)
    for index in 0..<count {
        let intended = started + UInt64(Double(index) * interval)
        while true {
            let now = Ticks.now
            if now >= intended { break }
            if intended - now > nearby { benchYield() }
        }
        body(index)
        let now = Ticks.now
        outcome.histogram.record(nanoseconds: UInt64(Double(now &- intended) * scale))
        outcome.operations += 1
        if now > end { break }
    }
    outcome.started = started
    outcome.ended = Ticks.now
    return outcome
}

/// Runs `body` on `count` threads that start together.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Outcome) -> [Outcome] {
    final class Shared: Sendable {
        let ready = Atomic(0)
        let outcomes = Mutex<[Int: Outcome]>([:])
        let count: Int
        let body: @Sendable (Int) -> Outcome
        init(_ count: Int, _ body: @escaping @Sendable (Int) -> Outcome) {
            self.count = count
            self.body = body
        }
    }
    let shared = Shared(count, body)
    withExtendedLifetime(shared) {
        benchThreads(
            Int32(count),
            { context, index in
                guard let context else { return }
                let shared = Unmanaged<Shared>.fromOpaque(context).takeUnretainedValue()
                shared.ready.add(1, ordering: .acquiringAndReleasing)
                while shared.ready.load(ordering: .acquiring) < shared.count { benchYield() }
                let outcome = shared.body(Int(index))
                shared.outcomes.withLock { $0[Int(index)] = outcome }
            },
            Unmanaged.passUnretained(shared).toOpaque()
        )
    }
    return shared.outcomes.withLock { found in (0..<count).compactMap { found[$0] } }
}

/// The counters of the process around a row.
struct Meter {
    private let processor = benchProcessorMicroseconds()
    private let written = benchWrittenBytes()

    var processorMicroseconds: Double { benchProcessorMicroseconds() - processor }
    var writtenBytes: UInt64 { benchWrittenBytes() - written }

    /// Waits until the process has nothing to do any more, at most two minutes.
    static func waitUntilIdle() {
        var idle = 0
        var before = benchProcessorMicroseconds()
        for _ in 0..<2400 where idle < 4 {
            benchSleep(0.05)
            let now = benchProcessorMicroseconds()
            idle = now - before < 4000 ? idle + 1 : 0
            before = now
        }
    }
}
