/// Slows writers down so that flushes and compactions keep up: never by much, and never to a stop.
///
/// Debt goes linearly from 0 to 1 as runs gather, or as memory fills while flushes are behind; the
/// time that a byte costs grows with it, without bound towards 1. Bytes are charged to one account for all
/// writers, so their number does not matter. No write waits longer than `longestWait`.
///
/// A pure value: whoever calls it brings the clock, and does the waiting.
struct WriteAdmission: Sendable {
    /// What is known when a write asks.
    struct Load: Hashable, Sendable {
        /// Runs of the partition that has the most.
        var runCount = 0
        /// Where runs are capped.
        var runCap = 16
        /// What upper runs hide of the bottom run, in thousandths of it, where that is most.
        var hiddenThousandths = 0
        /// What all memtables take.
        var memtableBytes = 0
        /// At this size they begin to be flushed.
        var flushBytes = 1
        /// Beyond this size nothing is written.
        var limitBytes = 2

        /// What memtables usually take at most.
        var usualBytes: Int { flushBytes + max(0, limitBytes - flushBytes) / 2 }
    }

    /// Most that one write waits, in nanoseconds.
    static let longestWait: UInt64 = 50_000_000
    /// Shorter waits are saved up: it costs about as much to go to sleep.
    static let shortestWait: UInt64 = 100_000
    /// So many runs are usual: upper runs, the bottom run, and those that come while it is merged.
    static let usualRunCount = CompactionPicker.usualRunCount
    /// How long it takes at a debt of one half to write what is flushed at once, in nanoseconds.
    ///
    /// So the time that is left to compactions is the same for small memory and large. With the usual
    /// 64 MiB it is 5 MB/s for runs, and 200 MB/s for memory.
    private static let runTime = 12.8e9
    private static let memoryTime = 0.32e9
    private static let largestSpaceDebt = 0.8
    /// No single charge is larger, in bytes: writes that went free are not charged later.
    private static let largestCharge = 1024 * 1024

    /// When what was charged so far is worked off, in nanoseconds of the caller's clock.
    private var free: UInt64 = 0
    /// What had been written when it was last charged for.
    private var charged = 0

    /// How far runs have gathered: 0 as usual, 1 at the cap with no memory left to wait in.
    static func runDebt(_ load: Load) -> Double {
        let usual = min(usualRunCount, load.runCap - 1)
        let waiting = Double(load.memtableBytes) / Double(max(1, load.limitBytes))
        let excess = Double(load.runCount - usual) + min(1, waiting)
        guard load.runCount >= usual else { return 0 }
        return min(1, max(0, excess / Double(load.runCap + 1 - usual)))
    }

    /// How far merges into the bottom run are behind: 0 while upper runs hide up to a quarter more than when
    /// such a merge begins; at three times as much it is as large as it can be.
    ///
    /// Less than 1: space is no reason to stop.
    static func spaceDebt(_ load: Load) -> Double {
        let begin = 1_000.0 / Double(CompactionPicker.bottomShare)
        let excess = Double(load.hiddenThousandths) - begin * 1.25
        return min(largestSpaceDebt, max(0, excess / (begin * 1.75)))
    }

    /// How far flushes are behind: 0 while memtables fill, and while the next one has less than half of
    /// what it may take, as it has when a flush keeps up; 1 when memory is used up.
    static func memoryDebt(_ load: Load) -> Double {
        let room = Double(max(1, load.limitBytes - load.usualBytes))
        return min(1, max(0, Double(load.memtableBytes - load.usualBytes) / room))
    }

    /// Whether a write may have to wait at all: quickly said, for most never do.
    @inline(__always)
    static func mayCost(_ load: Load) -> Bool {
        load.memtableBytes > load.usualBytes || load.runCount >= min(usualRunCount, load.runCap - 1)
            || spaceDebt(load) > 0
    }

    /// What a byte costs now, in nanoseconds.
    static func nanosecondsPerByte(_ load: Load) -> Double {
        let runs = max(runDebt(load), spaceDebt(load))
        let memory = memoryDebt(load)
        guard runs < 1, memory < 1 else { return .infinity }
        let time = max(runTime * runs / (1 - runs), memoryTime * memory / (1 - memory))
        return time / Double(max(1, load.flushBytes))
    }

    /// How long a write waits that asks at `now`, when `written` bytes have been written in all.
    mutating func wait(at now: UInt64, written: Int, _ load: Load) -> UInt64 {
        let cost = Self.nanosecondsPerByte(load)
        let bytes = min(max(0, written - charged), Self.largestCharge)
        charged = written
        guard cost > 0 else {
            free = 0
            return 0
        }
        let latest = now + Self.longestWait
        let charge = bytes == 0 ? 0 : min(Double(bytes) * cost, Double(Self.longestWait))
        free = min(max(free, now) + UInt64(charge), latest)
        let wait = free - now
        return wait >= Self.shortestWait ? wait : 0
    }
}
