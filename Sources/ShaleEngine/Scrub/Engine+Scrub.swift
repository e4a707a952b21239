internal import ShalePlatform
internal import Synchronization

/// Reads runs and blob segments again, a little at a time, so that a disk that loses bits is found out while
/// there are copies of them elsewhere.
///
/// A pass goes through all files by their numbers, the older first; files that were merged away meanwhile are
/// passed over, files that are newer than the pass wait for the next. One step is due at a time, and none
/// where there are no files. A step reads what was earned with time, 4 KiB to 1 MiB, and gives way to flushes
/// and compactions.
///
/// The rate follows the size of the database, so a pass takes 100 hours at 1 percent an hour, whatever
/// the size.
final class Scrubber: Sendable {
    struct State: Sendable {
        var progress = ScrubProgress()
        /// The file that is being read.
        var current: FileScrub?
        /// What was told already.
        var told: Set<EngineError.Place> = []
        var isDue = false
        /// How often in a row it has given way.
        var patience = 0
        /// Bytes of this life.
        var checkedBytes = 0
        /// Bytes that may be read, earned with time; less than none behind a piece that was larger.
        ///
        /// A small database that is never open for long is read as well: each life may read something.
        var earnedBytes = 4096.0
        var earnedNanoseconds: UInt64 = 0
        var savedNanoseconds: UInt64 = 0
    }

    let state = Mutex(State())

    var progress: ScrubProgress { state.withLock { $0.progress } }
}

extension EngineError {
    /// Where damage is: for what was told once.
    struct Place: Hashable, Sendable {
        var file: String?
        var offset: Int?
    }

    var place: Place { Place(file: file, offset: offset) }
}

extension Engine {
    /// Read at a time, unless a piece is larger.
    private static let scrubStepBytes = 4 * 1024...1024 * 1024
    /// Nobody is asked to look later than this, since the database may have grown.
    private static let longestScrubPause = 3_600.0
    /// Who opens a database for a moment only does not want to wait for this, in seconds.
    private static let firstScrubPause = 60.0
    /// Between two steps, in seconds.
    private static let shortestScrubPause = 0.1
    /// Where flushes and compactions never end it reads all the same.
    private static let mostScrubPatience = 60
    /// Damage that is told; a disk that is gone altogether need not be told for each piece.
    private static let mostDamageTold = 1_000

    /// Makes sure that somebody goes on, if there is anything to read.
    func expectScrub() {
        guard options.scrubPercentPerHour > 0, readWriteLane != nil else { return }
        let rate = scrubBytesPerSecond(scrubSubjects)
        guard rate > 0 else { return }
        let now = world.time.monotonicNanoseconds
        let isFirst = scrubber.state.withLock { state in
            if !state.isDue { state.earnedNanoseconds = now }
            defer { state.isDue = true }
            return !state.isDue
        }
        guard isFirst else { return }
        scheduleScrub(after: Self.firstScrubPause)
    }

    /// What the rate makes of the size that there is now.
    private func scrubBytesPerSecond(_ subjects: [FileScrub.Subject]) -> Double {
        let all = subjects.reduce(0) { $0 + $1.sizeBytes }
        return Double(all) * Double(options.scrubPercentPerHour) / 100 / 3_600
    }

    /// Everything that is scrubbed, the older first.
    private var scrubSubjects: [FileScrub.Subject] {
        let state = manifest.state
        let subjects =
            state.files.values.map { FileScrub.Subject.run($0) }
            + state.blobFiles.values.map { FileScrub.Subject.blob($0) }
        return subjects.sorted { $0.number < $1.number }
    }

    private func scheduleScrub(after seconds: Double) {
        let pause = Duration.seconds(min(max(seconds, 0.001), Self.longestScrubPause))
        world.scheduler.schedule(.housekeeping, after: pause) { [weak self] in self?.scrub() }
    }

    private func scrub() {
        guard !background.isClosed else { return }
        let subjects = scrubSubjects
        let rate = scrubBytesPerSecond(subjects)
        guard rate > 0 else { return scrubber.state.withLock { $0.isDue = false } }
        if mustScrubWait() { return scheduleScrub(after: 1) }
        let earned = earnScrub(rate)
        let least = Double(Self.scrubStepBytes.lowerBound)
        guard earned >= least else { return scheduleScrub(after: (least - earned) / rate) }
        let budget = Int(earned)
        var read = 0
        var found: [EngineError] = []
        while read < budget, let step = scrubNext(subjects) {
            read += step.bytes
            if let problem = step.problem { found.append(problem) }
        }
        for problem in found { tellDamage(problem) }
        let now = world.time.monotonicNanoseconds
        let mustSave = scrubber.state.withLock { state in
            state.progress.checkedBytes += read
            state.checkedBytes += read
            state.earnedBytes -= Double(read)
            guard now - min(now, state.savedNanoseconds) > 3_600_000_000_000 else { return false }
            state.savedNanoseconds = now
            return true
        }
        if mustSave { saveScrub() }
        scheduleScrub(after: max(Self.shortestScrubPause, (least - earned + Double(read)) / rate))
    }

    /// What may be read now.
    private func earnScrub(_ rate: Double) -> Double {
        let now = world.time.monotonicNanoseconds
        return scrubber.state.withLock { state in
            let passed = Double(now - min(now, state.earnedNanoseconds)) / 1e9
            state.earnedNanoseconds = now
            // What was not read while it gave way is not made up for at once.
            let most = Double(Self.scrubStepBytes.upperBound)
            state.earnedBytes = min(state.earnedBytes + passed * rate, most)
            return state.earnedBytes
        }
    }

    private func mustScrubWait() -> Bool {
        let isBusy = background.state.withLock { $0.isFlushing || !$0.compacting.isEmpty }
        return scrubber.state.withLock { state in
            guard isBusy, state.patience < Self.mostScrubPatience else {
                state.patience = 0
                return false
            }
            state.patience += 1
            return true
        }
    }

    /// Reads one piece; nil if there is no file.
    private func scrubNext(
        _ subjects: [FileScrub.Subject]
    ) -> (bytes: Int, problem: EngineError?)? {
        var (current, progress) = scrubber.state.withLock { ($0.current, $0.progress) }
        defer {
            let (current, progress) = (current, progress)
            scrubber.state.withLock { state in
                state.current = current
                state.progress.file = progress.file
                state.progress.offset = progress.offset
                state.progress.lastFile = progress.lastFile
                state.progress.passCount = progress.passCount
            }
        }
        // One that was merged away is not worth reading.
        if let number = current?.subject.number, !subjects.contains(where: { $0.number == number })
        {
            current = nil
            progress.offset = 0
        }
        if current == nil {
            guard let next = Self.next(subjects, &progress) else { return nil }
            do throws(EngineError) {
                current = try FileScrub(next, in: directory, world.files, from: progress.offset)
                return (current?.openingBytes ?? 0, nil)
            } catch {
                progress.offset = 0
                let isThere = scrubSubjects.contains { $0.number == next.number }
                return (RunFormat.footerSize, isThere ? error : nil)
            }
        }
        guard let step = current?.step() else { return nil }
        progress.offset = current?.offset ?? 0
        if current?.isDone ?? true {
            current = nil
            progress.offset = 0
        }
        return step
    }

    /// The file that comes next: the rest of the one that an earlier life was in, the next number, or, behind
    /// the last one of the pass, the first.
    private static func next(
        _ subjects: [FileScrub.Subject],
        _ progress: inout ScrubProgress
    ) -> FileScrub.Subject? {
        guard let first = subjects.first, let last = subjects.last else { return nil }
        if progress.offset > 0, let same = subjects.first(where: { $0.number == progress.file }) {
            return same
        }
        progress.offset = 0
        let next = subjects.first { $0.number > progress.file && $0.number <= progress.lastFile }
        if next == nil {
            if progress.lastFile.rawValue > 0 { progress.passCount += 1 }
            progress.lastFile = last.number
        }
        progress.file = (next ?? first).number
        return next ?? first
    }

    private func tellDamage(_ error: EngineError) {
        let isNew = scrubber.state.withLock { state in
            guard state.told.count < Self.mostDamageTold, state.told.insert(error.place).inserted
            else { return false }
            state.progress.damageCount += 1
            return true
        }
        if isNew { emit(.damageFound(error)) }
    }
}

/// What is left for the next life.
extension Engine {
    private var scrubPath: String { directory + "/" + ScrubFormat.fileName }

    /// Goes on where an earlier life has stopped, if it is known.
    func loadScrub() {
        do throws(FileError) {
            guard try world.files.kind(of: scrubPath) == .file else { return }
            let file = try world.files.open(scrubPath, .read)
            defer { file.close() }
            let bytes = try file.read(at: 0, count: ScrubFormat.largestSizeBytes)
            guard let progress = ScrubFormat.decode(bytes) else { return }
            scrubber.state.withLock { $0.progress = progress }
        } catch {
            // Nothing depends on it.
        }
    }

    /// Leaves what was done to the next life, if anything was; if that fails, nothing is lost.
    func saveScrub() {
        let (progress, checkedBytes) = scrubber.state.withLock { ($0.progress, $0.checkedBytes) }
        guard checkedBytes > 0 else { return }
        do throws(FileError) {
            if try world.files.kind(of: scrubPath) != nil { try world.files.remove(scrubPath) }
            let file = try world.files.open(scrubPath, .create)
            defer { file.close() }
            try file.write(ScrubFormat.encode(progress), at: 0)
        } catch {
            // Nothing depends on it.
        }
    }
}
