import ShalePlatform
import Synchronization

/// A wall clock that goes on only when it is told to; the other clock goes on, and can be set ahead.
final class SteppedTime: TimeSource {
    private let wall = Mutex<Int64>(1_764_000_000_000)
    private let skipped = Mutex<UInt64>(0)
    private let real = PosixTimeSource()

    var monotonicNanoseconds: UInt64 {
        real.monotonicNanoseconds + skipped.withLock { $0 }
    }
    var wallMilliseconds: Int64 { wall.withLock { $0 } }
    var seconds: Int64 { wallMilliseconds / 1000 }

    /// Sets the clock ahead by which things last.
    func skip(seconds: UInt64) { skipped.withLock { $0 += seconds * 1_000_000_000 } }

    func advance(hours: Int64 = 0, minutes: Int64 = 0, seconds: Int64 = 0) {
        wall.withLock { $0 += ((hours * 60 + minutes) * 60 + seconds) * 1000 }
    }
}

/// Runs `body` in a world in memory whose wall clock stands still.
func withSteppedWorld<Answer>(
    _ body: (World, SteppedTime) async throws -> Answer
) async throws -> Answer {
    var world = World.inMemory()
    defer { world.scheduler.shutDown() }
    let time = SteppedTime()
    world.time = time
    return try await body(world, time)
}
