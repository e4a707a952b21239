internal import ShaleItems
internal import ShalePlatform
package import ShaleTables
internal import Synchronization

// Invocations that nobody waits for. An event is acknowledged when it is durable; it is deleted in the record that
// notes what became of it. So it is handled at least once, whatever ends meanwhile.

/// An event that is not taken yet.
package struct PreparedEvent: Sendable {
    /// What makes it taken.
    package let writes: SystemWrites
    let name: WaitingEvent.Name
}

extension Functions {
    /// Takes an event, to be handled as soon as it can be.
    ///
    /// - Parameters:
    ///   - name: The function.
    ///   - qualifier: A version or an alias.
    ///   - payload: What it is called with.
    ///   - clientContext: What the caller said of itself.
    ///   - identity: What the invocation is known by.
    /// - Throws: `.resourceNotFound`, `.tooManyRequests` where too many wait, `.service`.
    package func take(
        _ name: String,
        _ qualifier: String? = nil,
        payload: [UInt8],
        clientContext: String? = nil,
        identity: String
    ) async throws(FunctionError) {
        let event = try await prepareEvent(
            name,
            qualifier,
            payload: payload,
            clientContext: clientContext,
            identity: identity
        )
        try await stored { () async throws(DatabaseError) in
            try await self.database.write(event.writes)
        }
        await wrote(event)
    }

    /// Prepares an event, which is taken once its writes are written.
    ///
    /// - Parameters: As those of `take`.
    /// - Returns: What the caller writes in a record of its own, to say so by `wrote`.
    /// - Throws: As `take`.
    package func prepareEvent(
        _ name: String,
        _ qualifier: String? = nil,
        payload: [UInt8],
        clientContext: String? = nil,
        identity: String
    ) async throws(FunctionError) -> PreparedEvent {
        _ = try await function(name, qualifier)
        guard events.withLock({ $0.count < EventQueue.waiting }) else {
            throw FunctionError(
                .tooManyRequests,
                "Rate Exceeded: \(EventQueue.waiting) events wait already.",
                reason: "CallerRateLimitExceeded"
            )
        }
        let now = world.time.wallMilliseconds
        let event = WaitingEvent(
            WaitingEvent.Name(function: name, due: now, identity: identity),
            qualifier: qualifier,
            payload: payload,
            clientContext: clientContext,
            taken: now
        )
        var writes = SystemWrites()
        for item in event.items { writes.put(item, in: eventTable) }
        return PreparedEvent(writes: writes, name: event.name)
    }

    /// Takes note that an event was written.
    package func wrote(_ event: PreparedEvent) async { await schedule(event.name) }

    /// Goes on with what waited when the server ended.
    ///
    /// - Throws: `.service`.
    package func resumeEvents() async throws(FunctionError) {
        for function in try await functions(after: nil, limit: .max) {
            let items = try await stored { () async throws(DatabaseError) in
                try await self.eventTable.items(of: .string(function.name))
            }
            for item in items {
                guard let place = item["place"]?.stringValue,
                    let name = WaitingEvent.Name(function: function.name, place: place)
                else { continue }
                await schedule(name)
            }
        }
    }

    /// How many events run.
    var runningEvents: Int { events.withLock { $0.running } }

    /// Begins no more events.
    package func stopEvents() { events.withLock { $0.isStopped = true } }

    /// Deletes the events of a function that goes.
    func deleteEvents(of name: String) async throws(FunctionError) {
        try await stored { () async throws(DatabaseError) in
            let items = try await self.eventTable.items(of: .string(name))
            let keys = items.map { (item) -> Item in
                ["function": .string(name), "place": item["place"] ?? .null]
            }
            try await self.eventTable.write(deleting: keys)
        }
    }

    private func schedule(_ name: WaitingEvent.Name) async {
        events.withLock { $0.add(name) }
        let wait = max(0, name.due - world.time.wallMilliseconds)
        world.scheduler.schedule(.housekeeping, after: .milliseconds(wait)) { [weak self] in
            guard let self else { return }
            begin(events.withLock { $0.comes(name) })
        }
    }

    private func begin(_ names: [WaitingEvent.Name]) {
        for name in names {
            Task(executorPreference: world.scheduler.taskExecutor) {
                await self.handle(name)
                self.begin(self.events.withLock { $0.ended() })
            }
        }
    }

    private func handle(_ name: WaitingEvent.Name) async {
        do throws(FunctionError) {
            let items = try await stored { () async throws(DatabaseError) in
                try await self.eventTable.items(
                    of: .string(name.function),
                    in: (from: .string(name.prefix), to: .string(name.prefix + "\u{7F}"))
                )
            }
            // Gone with its function.
            guard var event = WaitingEvent(name, items) else { return }
            let (ending, answer) = await run(&event)
            // A function that is ended with the server has not failed: the next start goes on with the event.
            if ending != .done, events.withLock({ $0.isStopped }) { return }
            try await settle(event, ending, answer)
        } catch {
            // It stays where it is, and the next start goes on with it.
            let text = "The event \(name.identity) of \(name.function) waits: \(error.message)"
            log.write(
                FunctionLine(
                    group: "/aws/lambda/\(name.function)",
                    stream: makeStream("$LATEST"),
                    text: text,
                    milliseconds: world.time.wallMilliseconds
                )
            )
        }
    }

    private func run(_ event: inout WaitingEvent) async -> (EventRules.Ending, Answer?) {
        do throws(FunctionError) {
            let answer = try await invoke(
                event.name.function,
                event.qualifier,
                payload: event.payload,
                clientContext: event.clientContext,
                requestID: event.name.identity
            )
            guard answer.outcome.functionError != nil else { return (.done, answer) }
            event.failures += 1
            return (.failed, answer)
        } catch {
            event.refusals += 1
            return (.refused, nil)
        }
    }

    private func settle(
        _ event: WaitingEvent,
        _ ending: EventRules.Ending,
        _ answer: Answer?
    ) async throws(FunctionError) {
        let rules = try await eventRules(event.name.function, event.qualifier)
        let now = world.time.wallMilliseconds
        let fate = rules.fate(
            ending,
            failures: event.failures,
            refusals: event.refusals,
            age: now - event.taken
        )
        switch fate {
        case .again(let wait):
            var later = event
            later.name.due = now + wait
            let next = later
            try await stored { () async throws(DatabaseError) in
                try await self.eventTable.write(putting: next.items, deleting: event.keys)
            }
            await schedule(next.name)
        case .handled: try await end(event, "Success", rules.onSuccess, answer)
        case .givenUp(let why): try await end(event, why, rules.onFailure, answer)
        }
    }

    /// Tells the destination, and deletes the event: in one record where the destination is a function.
    private func end(
        _ event: WaitingEvent,
        _ condition: String,
        _ destination: String?,
        _ answer: Answer?
    ) async throws(FunctionError) {
        let report = EventReport(
            event: event,
            resourceName: resourceName(event.name.function, event.qualifier ?? "$LATEST"),
            condition: condition,
            attempts: event.failures + (answer?.outcome.functionError == nil ? 1 : 0),
            answer: answer,
            milliseconds: world.time.wallMilliseconds
        )
        var next: WaitingEvent?
        if let destination, let bucket = bucket(destination) {
            let result = await world.scheduler.run(.housekeeping) {
                Result { () throws(BucketError) in try bucket.put(report.key, report.bytes) }
            }
            if case .failure(let error) = result {
                throw FunctionError(.service, "\(destination): \(error)")
            }
        } else if let destination, let (name, qualifier) = named(destination) {
            let now = world.time.wallMilliseconds
            next = WaitingEvent(
                WaitingEvent.Name(function: name, due: now, identity: makeIdentity()),
                qualifier: qualifier,
                payload: report.bytes,
                clientContext: nil,
                taken: now
            )
        }
        let told = next
        try await stored { () async throws(DatabaseError) in
            try await self.eventTable.write(putting: told?.items ?? [], deleting: event.keys)
        }
        if let told { await schedule(told.name) }
    }
}
