internal import ShalePlatform
internal import Synchronization

/// How long what the engine does in the background took, and what callers waited for.
public struct EngineDurations: Hashable, Sendable {
    /// Flushes, from sealing memtables to the manifest.
    public var flushes = DurationHistogram()
    /// Merges of runs, pauses for flushes and other merges included.
    public var compactions = DurationHistogram()
    /// Writes that were slowed down because flushes or compactions are behind: each pause.
    public var writePauses = DurationHistogram()
    /// Writes that waited because memory or log was used up.
    public var writeStalls = DurationHistogram()
    /// Reads of a block or an index piece that was not in the cache: file and decompression.
    public var blockReads = DurationHistogram()

    /// Nothing counted yet.
    public init() {}

    /// All of them, by a name for people.
    public var named: [(name: String, histogram: DurationHistogram)] {
        [
            ("flushes", flushes), ("compactions", compactions), ("write pauses", writePauses),
            ("write stalls", writeStalls), ("block reads", blockReads),
        ]
    }
}

/// Counts durations by a world's clock.
final class DurationClock: Sendable {
    private let durations = Mutex(EngineDurations())
    private let time: any TimeSource

    init(_ time: any TimeSource) { self.time = time }

    var now: UInt64 { time.monotonicNanoseconds }

    /// What was counted so far.
    var counted: EngineDurations { durations.withLock { $0 } }

    /// Counts the time from `start` until now.
    func note(_ what: Timed, since start: UInt64) {
        let end = now
        durations.withLock { $0.record(what, end - min(start, end)) }
    }
}

/// What is timed.
enum Timed: Sendable {
    case flush, compaction, writePause, writeStall, blockRead
}

extension EngineDurations {
    fileprivate mutating func record(_ what: Timed, _ nanoseconds: UInt64) {
        switch what {
        case .flush: flushes.record(nanoseconds: nanoseconds)
        case .compaction: compactions.record(nanoseconds: nanoseconds)
        case .writePause: writePauses.record(nanoseconds: nanoseconds)
        case .writeStall: writeStalls.record(nanoseconds: nanoseconds)
        case .blockRead: blockReads.record(nanoseconds: nanoseconds)
        }
    }
}
