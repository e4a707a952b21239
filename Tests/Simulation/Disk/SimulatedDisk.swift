/// The simulated disk: files, names, locks, faults and what a crash leaves.
///
/// The disk outlives the machine's starts. Each start (a boot) sees it through a `SimulatedFileSystem`
/// of its own; after a crash the old one's handles and calls all throw, as a dead process makes none.

internal import ShaleBytes
public import ShalePlatform
internal import Synchronization

/// A disk that forgets, tears and fails as a seed and a test decide.
public final class SimulatedDisk: Sendable {
    struct State {
        var files: [Int: DiskFile] = [:]
        var names = DiskNames()
        var openCounts: [Int: Int] = [:]
        var locked: Set<Int> = []
        var lastFile = 0
        var boot = 0
        var faults: [DiskFault] = []
        var operationsUntilCut: Int?
        var isCut = false
        var operationCount = 0
        var capacityBytes: Int?
        var generator: SimulatedGenerator
    }

    private let state: Mutex<State>
    private let trace: Trace
    private let time: SimulatedTime

    /// An empty disk.
    public init(seed: UInt64, time: SimulatedTime, trace: Trace) {
        state = Mutex(State(generator: SimulatedGenerator(seed: seed, stream: 3)))
        self.time = time
        self.trace = trace
    }

    // MARK: What a test does to it

    /// Makes an operation fail.
    public func inject(_ fault: DiskFault) { state.withLock { $0.faults.append(fault) } }

    /// Takes all faults back, the ones that struck and the ones that did not.
    public func removeFaults() { state.withLock { $0.faults = [] } }

    /// Sets how many bytes all files together may hold; nil for no limit.
    public func setCapacity(bytes: Int?) { state.withLock { $0.capacityBytes = bytes } }

    /// Cuts the power after so many more operations that change or sync something.
    ///
    /// From then on every call throws and nothing changes; `crash` of the world follows.
    public func cutPower(afterOperations count: Int) {
        precondition(count >= 0, "the power is not cut in the past")
        state.withLock { state in
            state.operationsUntilCut = count
            state.isCut = count == 0
        }
    }

    /// Whether the power was cut, and not restored by a crash yet.
    public var isPowerCut: Bool { state.withLock { $0.isCut } }

    /// How many operations that change or sync something were made so far.
    public var operationCount: Int { state.withLock { $0.operationCount } }

    /// Flips bits of a byte of a file, for good.
    public func damage(
        _ path: String,
        at offset: Int,
        flipping mask: UInt8
    ) throws(FileError) {
        try edit("damage", path) { (state) throws(FileComplaint) in
            let file = try state.names.file(FilePath(path))
            state.files[file]?.damage(at: offset, flipping: mask)
        }
    }

    /// Makes a sector of a file unreadable until it is written again.
    public func spoil(_ path: String, at offset: Int) throws(FileError) {
        try edit("spoil", path) { (state) throws(FileComplaint) in
            let file = try state.names.file(FilePath(path))
            state.files[file]?.spoil(at: offset)
        }
    }

    /// What all files together take.
    public var usedBytes: Int { state.withLock { $0.usedBytes } }

    /// How many bytes all files together may hold, where that is limited.
    public var capacityBytes: Int? { state.withLock { $0.capacityBytes } }

    /// Puts a durable file there, as if it had always been; one that is there is replaced.
    public func place(_ path: String, _ bytes: [UInt8]) {
        state.withLock { state in
            let file: Int
            if case .file(let number) = state.names.entry(FilePath(path)) {
                file = number
            } else {
                state.lastFile += 1
                file = state.lastFile
                state.names.place(.file(file), FilePath(path))
            }
            state.files[file] = DiskFile(durable: bytes)
        }
    }

    /// Puts a durable directory there.
    public func place(directory: String) {
        state.withLock { $0.names.placeDirectory(FilePath(directory)) }
    }

    /// What a file holds, as processes see it.
    public func contents(_ path: String) throws(FileError) -> [UInt8] {
        try edit("contents", path) { (state) throws(FileComplaint) in
            state.files[try state.names.file(FilePath(path))]?.bytes ?? []
        }
    }

    /// What would be left of a file if nothing unsynced survived; nil when not even its name.
    public func durableContents(_ path: String) -> [UInt8]? {
        state.withLock { state in
            guard case .file(let file) = state.names.durableEntry(FilePath(path)) else {
                return nil
            }
            return state.files[file]?.durableBytes
        }
    }

    // MARK: Crashing

    /// The number of the present boot.
    var boot: Int { state.withLock { $0.boot } }

    /// Ends the present boot: handles and locks are gone, and so is what `mode` says.
    func crash(_ mode: CrashMode) {
        state.withLock { state in
            state.boot += 1
            state.locked = []
            state.openCounts = [:]
            state.operationsUntilCut = nil
            state.isCut = false
            if mode != .killProcess { losePower(mode, &state) }
            let reachable = state.names.reachableFiles()
            state.files = state.files.filter { reachable.contains($0.key) }
        }
        trace.record("crash", mode.rawValue)
    }

    private func losePower(_ mode: CrashMode, _ state: inout State) {
        var generator = state.generator
        for number in state.files.keys.sorted() {
            let count = state.files[number]?.unsyncedCount ?? 0
            let survival: DiskFile.Survival =
                switch mode {
                // Also a file without unsynced changes may hold what a failed sync forgot.
                case _ where count == 0: .none
                case .dropUnsynced, .killProcess: .none
                case .keepUnsynced: .all
                case .tearUnsynced: .torn
                case .bySeed:
                    switch generator.below(4) {
                    case 0: .none
                    case 1: .all
                    case 2: .first(generator.below(count + 1))
                    default: .torn
                    }
                }
            state.files[number]?.crash(survival, &generator)
        }
        let style = mode == .bySeed ? generator.below(4) : 3
        let firstLost = generator.next()
        state.names.crash { index, count in
            switch mode {
            case .dropUnsynced, .killProcess: return false
            case .keepUnsynced: return true
            case .tearUnsynced, .bySeed:
                switch style {
                case 0: return false
                case 1: return true
                case 2: return UInt64(index) < firstLost % UInt64(count + 1)
                default: return generator.oneIn(2)
                }
            }
        }
        state.generator = generator
    }

    // MARK: Operations

    /// Makes one operation of a boot: checks, faults, the operation itself, the trace.
    func perform<Answer: Sendable>(
        _ operation: DiskFault.Operation,
        _ path: String,
        boot: Int,
        costNanoseconds: UInt64 = 1_000,
        _ body: (inout State, _ struck: DiskFault.Effect?) throws(FileComplaint) -> (
            Answer, [UInt64]
        )
    ) throws(FileError) -> Answer {
        time.advance(nanoseconds: costNanoseconds)
        let outcome: Result<(Answer, [UInt64]), FileError> = state.withLock { state in
            Result { () throws(FileError) in
                try check(operation, path, boot: boot, &state)
                let effect = Self.strike(operation, path, &state)
                if case .slow(let nanoseconds) = effect { time.advance(nanoseconds: nanoseconds) }
                if case .fail(let code) = effect {
                    throw FileError(code, operation.rawValue, path, "Injected fault")
                }
                do throws(FileComplaint) {
                    return try body(&state, effect)
                } catch {
                    throw FileError(error, operation.rawValue, path)
                }
            }
        }
        switch outcome {
        case .success((let answer, let numbers)):
            trace.record(operation.rawValue, path, numbers)
            return answer
        case .failure(let error):
            trace.record(operation.rawValue + " failed", path)
            throw error
        }
    }

    private func check(
        _ operation: DiskFault.Operation,
        _ path: String,
        boot: Int,
        _ state: inout State
    ) throws(FileError) {
        if boot != state.boot {
            let reason = "The machine has crashed since"
            throw FileError(.inputOutput, operation.rawValue, path, reason)
        }
        if state.isCut {
            throw FileError(.inputOutput, operation.rawValue, path, "The power is cut")
        }
        guard operation.changesTheDisk else { return }
        state.operationCount += 1
        guard let left = state.operationsUntilCut else { return }
        state.operationsUntilCut = left - 1
        // The last operation is still made; whether it arrives is for the crash to say.
        if left <= 1 { state.isCut = true }
    }

    private static func strike(
        _ operation: DiskFault.Operation,
        _ path: String,
        _ state: inout State
    ) -> DiskFault.Effect? {
        var effect: DiskFault.Effect?
        for index in state.faults.indices
        where state.faults[index].strikes(operation, path) {
            effect = effect ?? state.faults[index].effect
        }
        return effect
    }

    /// A look or a change that is none of the simulated machine's own.
    private func edit<Answer: Sendable>(
        _ operation: String,
        _ path: String,
        _ body: (inout State) throws(FileComplaint) -> Answer
    ) throws(FileError) -> Answer {
        do throws(FileComplaint) {
            return try state.withLock { (state) throws(FileComplaint) in try body(&state) }
        } catch {
            throw FileError(error, operation, path)
        }
    }

    // MARK: Handles

    /// Notes that a handle of a boot is closed.
    func close(_ file: Int, boot: Int) {
        state.withLock { state in
            guard boot == state.boot, let count = state.openCounts[file] else { return }
            state.openCounts[file] = count > 1 ? count - 1 : nil
        }
    }

    /// Gives a lock of a boot back.
    func unlock(_ file: Int, boot: Int) {
        state.withLock { state in
            if boot == state.boot { state.locked.remove(file) }
        }
    }
}

extension SimulatedDisk.State {
    /// How many bytes more the files may hold.
    var freeBytes: Int {
        guard let capacityBytes else { return 1 << 40 }
        return capacityBytes - usedBytes
    }

    /// What the files take, those that only a handle leads to included.
    var usedBytes: Int {
        var live = names.currentFiles()
        live.formUnion(openCounts.keys)
        return live.reduce(0) { $0 + (files[$1]?.bytes.count ?? 0) }
    }

    /// The file behind another one, or before it: where a stray write goes.
    func neighbour(of number: Int) -> Int? {
        let others = names.currentFiles().sorted()
        return others.first { $0 > number } ?? others.last { $0 < number }
    }

    /// Adds a new, empty file.
    mutating func makeFile(_ path: FilePath) throws(FileComplaint) -> Int {
        try names.add(.file(lastFile + 1), path)
        lastFile += 1
        files[lastFile] = DiskFile()
        return lastFile
    }

    /// Forgets the bytes of files that no name leads to and nobody has open.
    mutating func collect() {
        let reachable = names.reachableFiles()
        files = files.filter { reachable.contains($0.key) || openCounts[$0.key] != nil }
    }
}
