/// Everything that comes from outside a program: handed to the engine when it is opened.
public struct World: Sendable {
    /// Where everything is stored.
    public var files: any FileSystem
    /// Clocks.
    public var time: any TimeSource
    /// Randomness.
    public var randomness: any Randomness
    /// Waiting, waking and background work.
    public var scheduler: any Scheduler

    /// Puts a world together.
    public init(
        files: any FileSystem,
        time: any TimeSource,
        randomness: any Randomness,
        scheduler: any Scheduler
    ) {
        self.files = files
        self.time = time
        self.randomness = randomness
        self.scheduler = scheduler
    }
}

/// Clocks.
public protocol TimeSource: Sendable {
    /// Nanoseconds on a clock that never goes back and has no meaning across restarts.
    var monotonicNanoseconds: UInt64 { get }
    /// Milliseconds since 1970-01-01 UTC; may jump.
    var wallMilliseconds: Int64 { get }
}

/// Randomness for identities, hash seeds and shuffles.
public protocol Randomness: Sendable {
    /// 64 random bits.
    func next() -> UInt64
}
