internal import ShaleCapacity
internal import ShaleEngine
internal import ShaleItems
internal import ShalePlatform

/// What is told of a target when it is registered; nil leaves as it is.
public struct ScalableTargetChange: Sendable {
    /// The least capacity.
    public var minimum: Int?
    /// The most.
    public var maximum: Int?
    /// The role.
    public var role: String?
    /// What is not done.
    public var suspended: ScalingSuspension?
    /// Words about it.
    public var tags: [String: String] = [:]

    /// Changes nothing.
    public init() {}
}

extension Database {
    /// Reads what is scaled.
    func loadScaling() async throws(DatabaseError) {
        guard let table = existingSystemTable(ScalingFormat.tableName) else { return }
        for item in try await table.items(of: ScalingFormat.target) {
            scaling.install(try ScalingFormat.target(item))
        }
    }

    /// What is scaled, in the order of its names.
    public var scalableTargets: [ScalableTarget] { scaling.targets }

    /// Registers something to be scaled, or changes what was registered.
    ///
    /// - Returns: the target.
    /// - Throws: `.validation` when there is no such table or index, or no sensible range; `.limitExceeded` when there are too
    ///   many tags; `.internalFailure`.
    public func registerScalableTarget(
        _ resource: ScalableResource,
        _ change: ScalableTargetChange
    ) async throws(DatabaseError) -> ScalableTarget {
        await scaling.turn.take()
        defer { scaling.turn.give() }
        try requireScalable(resource)
        let old = scaling[resource]
        guard let minimum = change.minimum ?? old?.minimum,
            let maximum = change.maximum ?? old?.maximum
        else {
            throw .validation(
                "Minimum capacity and maximum capacity must be provided when registering a new scalable target."
            )
        }
        guard minimum <= maximum else {
            throw .validation(
                "Maximum capacity cannot be less than minimum capacity for \(resource.identity)"
            )
        }
        guard minimum >= 1 else {
            throw .validation("Minimum capacity must be at least 1 for \(resource.identity)")
        }
        var target =
            old
            ?? ScalableTarget(
                resource: resource,
                id: makeUUID(),
                minimum: minimum,
                maximum: maximum,
                creationMilliseconds: world.time.wallMilliseconds
            )
        target.minimum = minimum
        target.maximum = maximum
        target.role = change.role ?? target.role
        target.suspended = change.suspended ?? target.suspended
        // Of one that is there tags are changed by the verbs for tags.
        if old == nil { target.tags = try Self.tags(target.tags, putting: change.tags) }
        try await keep(target)
        startHousekeeping()
        return target
    }

    /// Scales it no longer; its policies go as well.
    ///
    /// - Throws: `.resourceNotFound`, `.internalFailure`.
    public func deregisterScalableTarget(
        _ resource: ScalableResource
    ) async throws(DatabaseError) {
        await scaling.turn.take()
        defer { scaling.turn.give() }
        _ = try scalableTarget(resource)
        try await scalingTable().write(deleting: [ScalingFormat.key(of: resource)])
        scaling.remove(resource)
    }

    /// Puts a policy at a target in place of the one of its name.
    ///
    /// - Returns: the policy.
    /// - Throws: `.resourceNotFound` where the target is not registered, `.limitExceeded` when it has another policy,
    ///   `.internalFailure`.
    public func putScalingPolicy(
        _ name: String,
        of resource: ScalableResource,
        _ configuration: ScalingPolicy.Configuration?
    ) async throws(DatabaseError) -> ScalingPolicy {
        await scaling.turn.take()
        defer { scaling.turn.give() }
        var target = try scalableTarget(resource)
        let place = target.policies.firstIndex { TextOrder.areEqual($0.name, name) }
        guard let configuration = configuration ?? place.map({ target.policies[$0].configuration })
        else {
            throw .validation("Target tracking scaling policy configuration must be provided.")
        }
        if let place {
            target.policies[place].configuration = configuration
        } else {
            // Two that want different things of one capacity would undo each other.
            guard target.policies.isEmpty else {
                throw .validation(
                    "Only one TargetTrackingScaling policy for a given metric specification is allowed."
                )
            }
            target.policies.append(
                ScalingPolicy(
                    name: name,
                    id: makeUUID(),
                    creationMilliseconds: world.time.wallMilliseconds,
                    configuration: configuration
                )
            )
        }
        try await keep(target)
        startHousekeeping()
        return target.policies[place ?? 0]
    }

    /// Takes a policy away.
    ///
    /// - Throws: `.resourceNotFound`, `.internalFailure`.
    public func deleteScalingPolicy(
        _ name: String,
        of resource: ScalableResource
    ) async throws(DatabaseError) {
        await scaling.turn.take()
        defer { scaling.turn.give() }
        guard var target = scaling[resource],
            let place = target.policies.firstIndex(where: { TextOrder.areEqual($0.name, name) })
        else {
            throw DatabaseError(
                .resourceNotFound,
                "No scaling policy found for service namespace: dynamodb, resource ID: "
                    + "\(resource.identity), scalable dimension: \(resource.dimension.rawValue): \(name)"
            )
        }
        target.policies.remove(at: place)
        try await keep(target)
    }

    /// Changes the tags of the target with this identity, and answers them.
    ///
    /// - Parameters:
    ///   - id: As `ScalableTarget.id`.
    ///   - putting: New values, by key.
    ///   - removing: Keys; such as no tag has are passed over.
    /// - Returns: The tags.
    /// - Throws: `.resourceNotFound`, `.limitExceeded` when they are too many, `.internalFailure`.
    @discardableResult
    public func changeScalableTargetTags(
        _ id: String,
        putting: [String: String] = [:],
        removing: [String] = []
    ) async throws(DatabaseError) -> [String: String] {
        await scaling.turn.take()
        defer { scaling.turn.give() }
        guard var target = scaling.targets.first(where: { TextOrder.areEqual($0.id, id) }) else {
            throw DatabaseError(
                .resourceNotFound,
                "The resource with the identity \(id.prefix(64)) was not found."
            )
        }
        let old = target.tags
        for key in removing { target.tags[key] = nil }
        target.tags = try Self.tags(target.tags, putting: putting)
        if target.tags != old { try await keep(target) }
        return target.tags
    }

    private static func tags(
        _ old: [String: String],
        putting new: [String: String]
    ) throws(DatabaseError) -> [String: String] {
        let tags = old.merging(new) { $1 }
        guard tags.count <= TableLimits.tags else {
            throw DatabaseError(
                .limitExceeded,
                "The number of tags exceeds the limit of \(TableLimits.tags)."
            )
        }
        return tags
    }

    /// A target that is registered.
    private func scalableTarget(
        _ resource: ScalableResource
    ) throws(DatabaseError) -> ScalableTarget {
        guard let target = scaling[resource] else {
            throw DatabaseError(
                .resourceNotFound,
                "No scalable target found for service namespace: dynamodb, resource ID: "
                    + "\(resource.identity), scalable dimension: \(resource.dimension.rawValue)"
            )
        }
        return target
    }

    private func requireScalable(_ resource: ScalableResource) throws(DatabaseError) {
        guard let table = try? catalog.table(resource.tableName).definition else {
            throw .validation("DynamoDB table does not exist: \(resource.identity)")
        }
        if let index = resource.indexName, table.index(named: index)?.scope != .global {
            throw .validation("DynamoDB index does not exist: \(resource.identity)")
        }
    }

    private func keep(_ target: ScalableTarget) async throws(DatabaseError) {
        try await scalingTable().write(putting: [ScalingFormat.item(target)])
        scaling.install(target)
    }

    func scalingTable() async throws(DatabaseError) -> SystemTable {
        try await systemTable(ScalingFormat.tableName, key: ScalingFormat.key)
    }
}
