internal import ShalePlatform
internal import Synchronization

/// Deletes files that nobody needs, one after the other and with a pause behind each.
///
/// To delete a large file is work for the file system, and on many disks a long TRIM: at once they would hold
/// up everybody's reads. The pause grows with the file, so the rate is bounded, far above that at which
/// compactions can free files. A file is deleted whole, not cut off piece by piece: a checkpoint may
/// have a link to it, and a file that is there is always whole.
///
/// What waits is lost with the process; the next opening removes files that no manifest names.
final class FileRemoval: Sendable {
    /// A file of 128 MiB each 64 ms.
    private static let bytesPerSecond = 2 * 1024 * 1024 * 1024

    private struct Waiting: Sendable {
        var name: String
        var sizeBytes: Int
        /// Gives back what is in memory of it.
        var forget: @Sendable () -> Void
    }

    private struct State: Sendable {
        var waiting: [Waiting] = []
        var isUnderWay = false
        var isUrgent = false
        var hasStopped = false
    }

    private let state = Mutex(State())
    private let world: World
    private let directory: String
    private let tell: (@Sendable (EngineEvent) -> Void)?

    init(_ world: World, _ directory: String, _ tell: (@Sendable (EngineEvent) -> Void)?) {
        self.world = world
        self.directory = directory
        self.tell = tell
    }

    /// Files that wait.
    var count: Int { state.withLock { $0.waiting.count } }

    /// Deletes a file, after those that wait.
    func add(_ file: RunFile) {
        add(Waiting(name: file.name, sizeBytes: file.reference.sizeBytes) { file.dropBlocks() })
    }

    /// Deletes a blob segment, after the files that wait.
    func add(_ segment: BlobReader) {
        let name = segment.reference.number.fileName(BlobFormat.suffix)
        add(Waiting(name: name, sizeBytes: segment.reference.sizeBytes) { segment.dropValues() })
    }

    private func add(_ file: Waiting) {
        let isFirst = state.withLock { state in
            guard !state.hasStopped else { return false }
            state.waiting.append(file)
            defer { state.isUnderWay = true }
            return !state.isUnderWay
        }
        if isFirst { world.scheduler.schedule(.housekeeping) { self.removeNext() } }
    }

    /// The database is closed: deletes what waits, and from now on nothing.
    ///
    /// Its next opening may give a number that no manifest has named to another file.
    func finish() {
        let waiting = state.withLock { state in
            state.hasStopped = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for file in waiting { remove(file) }
    }

    /// The disk is full: no more pauses until nothing waits.
    func hurry() {
        let mustHelp = state.withLock { state in
            guard !state.waiting.isEmpty else { return false }
            defer { state.isUrgent = true }
            return !state.isUrgent
        }
        // The step that is due goes on by itself, later; a second one does no harm.
        if mustHelp { world.scheduler.schedule(.housekeeping) { self.removeNext() } }
    }

    private func removeNext() {
        let file: Waiting? = state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isUnderWay = false
                state.isUrgent = false
                return nil
            }
            return state.waiting.removeFirst()
        }
        guard let file else { return }
        remove(file)
        let seconds = Double(file.sizeBytes) / Double(Self.bytesPerSecond)
        let pause = state.withLock { $0.isUrgent } ? 0 : Int(seconds * 1e9)
        world.scheduler.schedule(.housekeeping, after: .nanoseconds(pause)) { self.removeNext() }
    }

    private func remove(_ file: Waiting) {
        file.forget()
        do throws(FileError) {
            try world.files.remove(directory + "/" + file.name)
        } catch {
            // The next opening removes it, as a file that the manifest does not name.
            tell?(.backgroundFailed(EngineError(error)))
        }
    }
}
