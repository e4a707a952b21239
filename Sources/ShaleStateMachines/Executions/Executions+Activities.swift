internal import ShaleItems
internal import ShaleStates
internal import ShaleTables
internal import Synchronization

// Workers of activities ask for tasks, and wait for up to a minute.

extension Executions {
    /// How long a worker waits for a task, in milliseconds: 60 s, as the service's.
    package static let activityPollMilliseconds: Int64 = 60_000
    /// Workers that may wait for one activity.
    private static let workerLimit = 1_000

    /// Offers a task to workers; one of an activity that is not there fails, as no worker can ever ask for it.
    func offer(_ task: OpenTask, of key: String) {
        activities.offer(task)
        let arn = task.resource.arn
        run {
            do throws(StatesError) {
                if try await self.machines.activityExists(arn) { return }
            } catch {
                // Nobody knows: a worker may come.
                guard error.code != .failed else { return }
            }
            await self.insist(key) { _, _ in
                .taskNotStarted(
                    task.task,
                    error: "ActivityDoesNotExist",
                    cause: "Activity Does Not Exist: '\(arn)'"
                )
            }
        }
    }

    /// Waits for a task of an activity.
    ///
    /// - Parameters:
    ///   - activity: The activity's ARN.
    ///   - worker: The name that the history tells.
    ///   - isGone: Whether the worker has gone away: then the next task is another's. One that goes between the last look
    ///     and the answer has the task, until `HeartbeatSeconds` or `TimeoutSeconds` end it.
    /// - Returns: nil where none came within a minute, or the worker is gone.
    /// - Throws: `.activityWorkerLimitExceeded`, `.failed`.
    package func activityTask(
        _ activity: String,
        worker: String?,
        isGone: @Sendable () -> Bool = { false }
    ) async throws(StatesError) -> (token: String, input: String)? {
        guard activities.waitingCount(activity) < Self.workerLimit else {
            throw StatesError(
                .activityWorkerLimitExceeded,
                "At most \(Self.workerLimit) workers wait for one activity."
            )
        }
        let end = now + Self.activityPollMilliseconds
        while true {
            guard !isGone() else {
                // It may have been woken for a task that others wait for.
                activities.wakeNext(activity)
                return nil
            }
            if let offer = try await take(activity, worker) { return offer }
            let left = end - now
            guard left > 0, !calls.withLock({ $0.isStopped }) else { return nil }
            // A task can come between the look and the wait: it is seen a second later.
            await activities.wait(activity, milliseconds: min(left, 1_000))
        }
    }

    private func take(
        _ activity: String,
        _ worker: String?
    ) async throws(StatesError) -> (token: String, input: String)? {
        let offers = try await stored { () async throws(DatabaseError) in
            try await self.activities.offers(activity)
        }
        for offer in offers where try await begin(offer, worker) {
            return (offer.token, String(decoding: offer.input, as: UTF8.self))
        }
        return nil
    }

    /// Tells an execution that a worker begins with its task; whether it still waits for one.
    private func begin(
        _ offer: ActivityQueue.Offer,
        _ worker: String?
    ) async throws(StatesError) -> Bool {
        let gone = StatesError(.taskDoesNotExist, "The task has ended, or another worker has it.")
        do throws(StatesError) {
            guard let token = TaskToken(offer.token),
                let key = ExecutionKey(arn: token.executionID, region: region, account: account)
            else { throw gone }
            try await post(to: key.text) { (live, turn) throws(StatesError) in
                guard live.state.waits(for: token), turn.taken.insert(token.task.number).inserted
                else { throw gone }
                turn.offers.append(offer)
                return .taskStarted(token.task, workerName: worker)
            }
            return true
        } catch {
            guard error.code == .taskDoesNotExist || error.code == .executionDoesNotExist else {
                throw error
            }
            try await stored { () async throws(DatabaseError) in
                try await self.activities.drop(offer.key)
            }
            return false
        }
    }
}
