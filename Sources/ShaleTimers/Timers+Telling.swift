internal import ShaleEngine
internal import ShaleItems
internal import ShalePlatform
internal import ShaleTables
internal import Synchronization

// Waking, telling, reading, deleting. Whatever changes the state ends with `goOn`, which does what is due and pauses
// until the next.

extension Timers {
    /// Tells what is due, reads what is needed, and pauses until the next.
    func goOn() {
        let now = world.time.wallMilliseconds
        let (work, stopping) = state.withLock { ($0.work(at: now), $0.takeStopping()) }
        for continuation in stopping { continuation.resume() }
        for (owner, from) in work.readings { start { await $0.read(owner, from: from) } }
        for timer in work.due { start { await $0.tell(timer) } }
        guard let (number, milliseconds) = work.pause else { return }
        world.scheduler.schedule(.timer, after: .milliseconds(milliseconds)) { [weak self] in
            guard let self else { return }
            state.withLock { $0.wake(number) }
            goOn()
        }
    }

    private func start(_ body: @escaping @Sendable (Timers) async -> Void) {
        Task(executorPreference: world.scheduler.taskExecutor) { await body(self) }
    }

    // MARK: Telling

    private func tell(_ timer: Timer) async {
        let handler = state.withLock { $0.owners[timer.name.owner]?.handler }
        guard let handler else { preconditionFailure("only timers of owners are taken") }
        let answer = await handler(timer)
        let now = world.time.wallMilliseconds
        let delay = state.withLock { state -> Duration? in
            state.owners[timer.name.owner]?.running -= 1
            switch answer {
            case .deleted: state.owners[timer.name.owner]?.window.settle(timer.name)
            case .again(let wait):
                state.owners[timer.name.owner]?.window.delay(timer, until: now + max(1, wait))
            case .handled:
                state.fired.append(timer.name)
                if state.fired.count == 1 { return TimerLimits.deletionDelay }
                if state.fired.count == TimerLimits.deletionsPerRecord { return .zero }
            }
            return nil
        }
        if let delay { scheduleDeletion(after: delay) }
        goOn()
    }

    // MARK: Deleting

    private func scheduleDeletion(after delay: Duration) {
        world.scheduler.schedule(.timer, after: delay) { [weak self] in
            self?.start { await $0.deleteFired() }
        }
    }

    /// Deletes what owners have answered, many in a record of the log.
    func deleteFired() async {
        while let names = takeFired() {
            var writes = SystemWrites()
            for name in names { writes.delete(name.key, from: table) }
            do throws(DatabaseError) {
                // What is not on the disk when the power fails is told again.
                try await database.write(writes, .buffered)
            } catch {
                report(
                    "\(names.count) timers that were told are told again after the next start: "
                        + error.message
                )
            }
            state.withLock { state in
                for name in names { state.owners[name.owner]?.window.settle(name) }
                state.isDeleting = false
            }
        }
        goOn()
    }

    private func takeFired() -> [Timer.Name]? {
        state.withLock { state in
            guard !state.isDeleting, !state.fired.isEmpty else { return nil }
            state.isDeleting = true
            let names = Array(state.fired.prefix(TimerLimits.deletionsPerRecord))
            state.fired.removeFirst(names.count)
            return names
        }
    }

    // MARK: Reading

    private func read(_ owner: String, from place: String?) async {
        let limit = TimerLimits.window
        let found: Result<[Timer?], DatabaseError>
        do throws(DatabaseError) {
            found = .success(
                try await table.values(
                    of: .string(owner),
                    in: (from: place.map { .string($0) }, to: nil),
                    limit: limit + 1
                ) { Timer($0) }
            )
        } catch {
            report("The timers of \(owner) cannot be read: \(error.message)")
            found = .failure(error)
        }
        let now = world.time.wallMilliseconds
        state.withLock { state in
            state.readings -= 1
            guard case .success(let read) = found else {
                state.owners[owner]?.window.failReading()
                state.owners[owner]?.readsFrom = now + TimerLimits.readingDelayMilliseconds
                return
            }
            let timers = read.compactMap { $0 }
            let next = read.count > limit ? timers.last?.name : nil
            let window = next == nil ? timers : Array(timers.dropLast())
            state.owners[owner]?.window.read(window, upTo: next)
        }
        goOn()
    }
}
