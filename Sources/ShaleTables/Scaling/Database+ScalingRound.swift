internal import ShaleCapacity
internal import ShaleEngine
internal import ShaleItems
internal import ShalePlatform

extension Database {
    /// A load is the mean of so long.
    private static let minuteMilliseconds: Int64 = 60_000
    /// Activities are told for six weeks.
    private static let activityMilliseconds: Int64 = 42 * 24 * 60 * 60 * 1_000
    /// Activities are looked through in pieces: six weeks of them may be many.
    private static let activitiesAtOnce = 100

    /// Looks at the load of everything that is scaled, once a minute, and changes capacity where its policy says so.
    func scale() async throws(DatabaseError) {
        guard options.capacity != .unlimited else { return }
        var failure: DatabaseError?
        for target in scaling.targets where !target.policies.isEmpty {
            guard !Task.isCancelled else { return }
            do throws(DatabaseError) {
                try await scale(target)
            } catch {
                // The others' loads do not wait for one whose activity could not be written.
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }

    private func scale(_ target: ScalableTarget) async throws(DatabaseError) {
        let now = world.time.wallMilliseconds
        let resource = target.resource
        // A target may stand without its table: it is kept until it is deregistered, and there is nothing to scale.
        guard let live = try? catalog.table(resource.tableName), let policy = target.policies.first,
            let capacity = live.definition.capacity(of: resource),
            let taken = live.gate?.taken(resource.direction, resource.flow)
        else { return }
        var load = scaling.load(of: resource)
        let elapsed = now - load.milliseconds
        // A clock that was set back begins a new minute.
        guard elapsed >= Self.minuteMilliseconds || elapsed < 0 || load.taken == nil else { return }
        if let before = load.taken, elapsed > 0, taken >= before {
            // What a clock jumped over is no minute of the load.
            let minutes = Double(min(elapsed, 2 * Self.minuteMilliseconds)) / 60_000
            load.tracking.note(unitsPerSecond: (taken - before).value / (60 * minutes))
        }
        load.taken = taken
        load.milliseconds = now
        let decision = load.tracking.decide(
            target.tracking(policy),
            capacity: capacity,
            nowSeconds: now / 1_000
        )
        let wanted: Int
        switch decision {
        case .stay:
            scaling.set(load, of: resource)
            return
        case .scaleOut(let new), .scaleIn(let new), .fit(let new): wanted = new
        }
        let failure = await set(wanted, resource)
        if failure == nil { load.tracking.did(decision, nowSeconds: now / 1_000) }
        scaling.set(load, of: resource)
        try await keep(decision, wanted, target, policy, from: now, failure)
    }

    /// Changes a capacity; answers why it could not.
    private func set(_ units: Int, _ resource: ScalableResource) async -> DatabaseError? {
        do throws(DatabaseError) {
            let table = try catalog.table(resource.tableName).definition
            var request = UpdateTableRequest(tableName: resource.tableName)
            var throughput = table.billing.throughput
            if let name = resource.indexName {
                throughput = table.index(named: name)?.throughput ?? throughput
            }
            if resource.dimension.isOfReads {
                throughput.readCapacityUnits = units
            } else {
                throughput.writeCapacityUnits = units
            }
            if let name = resource.indexName {
                request.indexChanges = [.update(name: name, throughput)]
            } else {
                request.provisionedThroughput = throughput
            }
            _ = try await updateTable(request)
            return nil
        } catch {
            return error
        }
    }

    private func keep(
        _ decision: TargetTracking.Decision,
        _ units: Int,
        _ target: ScalableTarget,
        _ policy: ScalingPolicy,
        from start: Int64,
        _ failure: DatabaseError?
    ) async throws(DatabaseError) {
        let what = target.resource.dimension.isOfReads ? "read" : "write"
        let cause: String
        switch decision {
        case .scaleOut: cause = target.alarm("High", policy)
        case .scaleIn: cause = target.alarm("Low", policy)
        case .fit, .stay:
            cause =
                "the capacity was not between the minimum of \(target.minimum) and the maximum of "
                + "\(target.maximum)"
        }
        let activity = ScalingActivity(
            id: makeUUID(),
            resource: target.resource,
            description: "Setting \(what) capacity units to \(units).",
            cause: cause,
            startMilliseconds: start,
            endMilliseconds: max(start, world.time.wallMilliseconds),
            status: failure == nil ? .successful : .failed,
            statusMessage: failure.map {
                "Failed to set \(what) capacity units to \(units). Reason: \($0.message)"
            }
                ?? "Successfully set \(what) capacity units to \(units). Change successfully fulfilled by "
                + "dynamodb."
        )
        let table = try await scalingTable()
        let old = try await table.items(
            of: ScalingFormat.activity,
            in: (nil, ScalingFormat.activityKey(from: start - Self.activityMilliseconds)),
            limit: TableLimits.transactionActions.upperBound
        )
        try await table.write(
            putting: [ScalingFormat.item(activity)],
            deleting: old.map { ["kind": $0["kind"] ?? .null, "key": $0["key"] ?? .null] }
        )
    }

    /// What was done, the latest first, beginning behind an activity.
    ///
    /// - Parameters:
    ///   - last: The position of the last activity of the page before, as this call answered it.
    ///   - limit: The most activities.
    ///   - isMeant: Which are told.
    /// - Returns: A page, and where the next begins; nil when this was the last.
    /// - Throws: `.internalFailure`.
    public func scalingActivities(
        after last: String? = nil,
        limit: Int,
        where isMeant: (ScalingActivity) -> Bool
    ) async throws(DatabaseError) -> (activities: [ScalingActivity], last: String?) {
        guard let table = existingSystemTable(ScalingFormat.tableName) else { return ([], nil) }
        var page: [ScalingActivity] = []
        var position: String?
        var bound = last
        while true {
            let items = try await table.items(
                of: ScalingFormat.activity,
                in: (nil, bound.map { .string($0) }),
                limit: Self.activitiesAtOnce,
                .descending
            )
            for item in items {
                let activity = try ScalingFormat.activity(item)
                guard isMeant(activity) else { continue }
                guard page.count < limit else { return (page, position) }
                page.append(activity)
                position = item["key"]?.stringValue
            }
            guard items.count == Self.activitiesAtOnce else { return (page, nil) }
            bound = items.last?["key"]?.stringValue
        }
    }
}

extension ScalableResource {
    fileprivate var direction: TableCapacity.Direction { dimension.isOfReads ? .read : .write }

    fileprivate var flow: TableCapacity.Resource {
        indexName.map { .index($0) } ?? .table
    }
}

extension ScalableTarget {
    /// The name of the alarm that the service would have, and that it triggered a policy.
    fileprivate func alarm(_ kind: String, _ policy: ScalingPolicy) -> String {
        "monitor alarm TargetTracking-\(resource.identity)-Alarm\(kind)-\(policy.id) in state ALARM "
            + "triggered policy \(policy.name)"
    }
}

extension TableDefinition {
    /// What is provisioned of something that can be scaled; nil where it is paid by request, or not there.
    fileprivate func capacity(of resource: ScalableResource) -> Int? {
        guard billing.mode == .provisioned else { return nil }
        var throughput: ProvisionedThroughput? = billing.throughput
        if let name = resource.indexName { throughput = index(named: name)?.throughput }
        return resource.dimension.isOfReads
            ? throughput?.readCapacityUnits : throughput?.writeCapacityUnits
    }
}
