/// The world as it is: the operating system's files, clocks, randomness and threads.

extension World {
    /// A new world of the operating system, with a scheduler of its own.
    ///
    /// - Parameters:
    ///   - readThreads: how many reads from disk run side by side.
    ///   - compactionThreads: how many compaction steps run side by side.
    /// - Returns: a world whose scheduler has no thread yet; who opens it shuts it down.
    public static func posix(readThreads: Int = 4, compactionThreads: Int = 1) -> World {
        World(
            files: PosixFileSystem(),
            time: PosixTimeSource(),
            randomness: SystemRandomness(),
            scheduler: ThreadScheduler(
                readThreads: readThreads,
                compactionThreads: compactionThreads
            )
        )
    }
}
