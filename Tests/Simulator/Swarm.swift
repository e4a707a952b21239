internal import ShaleEngine
internal import Simulation

/// What a seed chooses once for all of its lives: options, and how often each thing happens.
///
/// Swarm testing: a run that always does a little of everything never does much of anything, so each seed
/// leaves some things out and does others often.
struct Swarm: Sendable {
    /// How the engine is opened.
    var options: EngineOptions
    /// Writers side by side.
    var writers: Int
    /// How many different keys a writer has, roughly.
    var keysPerWriter: Int
    /// Of a hundred writes, how many are `.buffered`.
    var bufferedPercent: Int
    /// Of a hundred changes, how many delete.
    var deletePercent: Int
    /// Of a hundred batches, how many are read-modify-writes of a key that all writers share.
    var sharedPercent: Int
    /// Largest number of changes in a batch.
    var batchLimit: Int
    /// Largest value, bytes; most are smaller.
    var valueLimit: Int
    /// Tables that are written to.
    var tables: Int
    /// Of a hundred pauses between background acts, what they are followed by.
    var acts: [Act]
    /// Of a hundred lives, in how many an operation of the disk fails.
    var faultPercent: Int
    /// Power is cut after about this many operations of the disk.
    var cutAfter: Int
    /// What else is wrong with the disk.
    var limit: DiskLimits.Kind

    /// Whether the last life is one on a disk that lies.
    var endsWithLies: Bool

    /// What happens beside the writers.
    enum Act: String, Sendable, CaseIterable {
        case flush, compact, split, checkpoint, createTable, dropTable, scan, reopen
    }

    /// The choices of a seed.
    init(_ generator: inout SimulatedGenerator) {
        var options = EngineOptions()
        options.memoryBudgetBytes = [64, 128, 256, 1024][generator.below(4)] * 1024
        options.runFileSizeBytes = [8, 16, 64, 1024][generator.below(4)] * 1024
        options.blockSizeBytes = [1, 2, 8, 16][generator.below(4)] * 1024
        options.filterBitsPerKey = [0, 4, 10][generator.below(3)]
        options.compression = generator.oneIn(3) ? .none : .lz4
        options.partitionSizeBytes = generator.oneIn(3) ? 64 * 1024 : 64 * 1024 * 1024
        options.scrubPercentPerHour = 0
        options.runCap = [4, 6, 12][generator.below(3)]
        self.options = options
        writers = 1 + generator.below(4)
        keysPerWriter = [3, 20, 200][generator.below(3)]
        bufferedPercent = [0, 20, 100][generator.below(3)]
        deletePercent = [0, 10, 50][generator.below(3)]
        sharedPercent = [0, 10, 40][generator.below(3)]
        batchLimit = [1, 4, 12][generator.below(3)]
        valueLimit = [20, 400, 9_000, 40_000][generator.below(4)]
        tables = 1 + generator.below(3)
        acts = Act.allCases.filter { _ in generator.oneIn(2) }
        faultPercent = [0, 0, 30][generator.below(3)]
        cutAfter = [30, 200, 1_500][generator.below(3)]
        limit = .none
        endsWithLies = false
        // Of a copy, so that what older seeds have found stays what it was.
        var own = generator
        self.options.smallestBlobBytes = [50, 400, 4_096, .max][own.below(4)]
        limit = DiskLimits.Kind.allCases[own.below(DiskLimits.Kind.allCases.count)]
        endsWithLies = own.oneIn(2)
    }

    /// Takes out what a run leaves out, after all choices.
    mutating func leaveOut(_ omissions: Omissions) {
        acts.removeAll { omissions.names.contains($0.rawValue) }
        if omissions.names.contains(Omissions.faults) { faultPercent = 0 }
        if omissions.names.contains(Omissions.shared) { sharedPercent = 0 }
    }
}
