internal import ShaleTables
internal import ShaleWire

/// Lets the capacity of a table or index be scaled, between two bounds.
enum RegisterScalableTarget: ScalingOperation {
    static let name = "RegisterScalableTarget"

    struct Request: Sendable {
        var target = ScalingName()
        var change = ScalableTargetChange()
    }

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Request {
        var request = Request()
        try reader.readStructure { (reader, name) throws(WireError) in
            if try request.target.read(name, &reader, &constraints) { return }
            switch name {
            case "MinCapacity": request.change.minimum = try reader.readInteger()
            case "MaxCapacity": request.change.maximum = try reader.readInteger()
            case "RoleARN":
                request.change.role = try reader.readString(
                    ScalingName.resourceLengths,
                    at: "roleARN",
                    &constraints
                )
            case "SuspendedState": request.change.suspended = try suspension(&reader)
            case "Tags": request.change.tags = try reader.readScalingTags(&constraints)
            default: try reader.skipValue()
            }
        }
        request.target.requireAll(&constraints)
        try constraints.finish()
        return request
    }

    private static func suspension(
        _ reader: inout JSONReader
    ) throws(WireError) -> ScalingSuspension {
        var suspended = ScalingSuspension()
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "DynamicScalingInSuspended": suspended.scalingIn = try reader.readBool()
            case "DynamicScalingOutSuspended": suspended.scalingOut = try reader.readBool()
            case "ScheduledScalingSuspended": suspended.scheduled = try reader.readBool()
            default: try reader.skipValue()
            }
        }
        return suspended
    }

    static func call(
        _ request: Request,
        _ service: Service
    ) async throws(DatabaseError) -> ScalableTarget {
        try await service.database.registerScalableTarget(
            try request.target.checked(),
            request.change
        )
    }

    static func encode(
        _ target: ScalableTarget,
        to request: Request,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.member("ScalableTargetARN", service.resourceName(of: target))
    }
}

/// Lets a capacity be scaled no longer.
enum DeregisterScalableTarget: ScalingOperation {
    static let name = "DeregisterScalableTarget"

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> ScalingName {
        var target = ScalingName()
        try reader.readStructure { (reader, name) throws(WireError) in
            if try target.read(name, &reader, &constraints) { return }
            try reader.skipValue()
        }
        target.requireAll(&constraints)
        try constraints.finish()
        return target
    }

    static func call(_ target: ScalingName, _ service: Service) async throws(DatabaseError) {
        try await service.database.deregisterScalableTarget(try target.checked())
    }

    static func encode(
        _ response: (),
        to request: ScalingName,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {}
}
