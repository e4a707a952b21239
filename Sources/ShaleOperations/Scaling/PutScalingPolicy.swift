internal import ShaleTables
internal import ShaleWire

/// Says which utilisation a capacity is kept at.
enum PutScalingPolicy: ScalingOperation {
    static let name = "PutScalingPolicy"

    struct Request: Sendable {
        var target = ScalingName()
        var policyName = ""
        var type: String?
        var configuration: ScalingPolicy.Configuration?
        /// The utilisation that the policy looks at.
        var metric: String?
        /// A kind of policy that is not there.
        var absent: String?
    }

    static let types = ["StepScaling", "TargetTrackingScaling", "PredictiveScaling"]
    static let nameLengths = 1...256

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Request {
        var request = Request()
        var policyName: String?
        try reader.readStructure { (reader, name) throws(WireError) in
            if try request.target.read(name, &reader, &constraints) { return }
            switch name {
            case "PolicyName":
                policyName = try reader.readString(nameLengths, at: "policyName", &constraints)
            case "PolicyType":
                request.type = try reader.readWord(of: types, at: "policyType", &constraints)
            case "TargetTrackingScalingPolicyConfiguration":
                try tracking(&reader, &request, &constraints)
            case "StepScalingPolicyConfiguration", "PredictiveScalingPolicyConfiguration":
                request.absent = name
                try reader.skipValue()
            default: try reader.skipValue()
            }
        }
        constraints.require(policyName != nil, "policyName")
        request.target.requireAll(&constraints)
        request.policyName = try constraints.required(policyName, "PolicyName")
        return request
    }

    private static func tracking(
        _ reader: inout JSONReader,
        _ request: inout Request,
        _ constraints: inout Constraints
    ) throws(WireError) {
        let path = "targetTrackingScalingPolicyConfiguration"
        var value: Double?
        var configuration = ScalingPolicy.Configuration(targetPercent: 0)
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "TargetValue": value = try reader.readDouble()
            case "PredefinedMetricSpecification":
                try reader.readStructure { (reader, name) throws(WireError) in
                    guard name == "PredefinedMetricType" else { return try reader.skipValue() }
                    request.metric = try reader.readString()
                }
            case "CustomizedMetricSpecification":
                request.absent = name
                try reader.skipValue()
            case "ScaleOutCooldown":
                configuration.scaleOutCooldownSeconds = try reader.readInteger()
            case "ScaleInCooldown":
                configuration.scaleInCooldownSeconds = try reader.readInteger()
            case "DisableScaleIn": configuration.disablesScaleIn = try reader.readBool()
            default: try reader.skipValue()
            }
        }
        let cooldowns = 0...Int(Int32.max)
        constraints.require(value != nil, "\(path).targetValue")
        constraints.check(
            configuration.scaleOutCooldownSeconds,
            in: cooldowns,
            at: "\(path).scaleOutCooldown"
        )
        constraints.check(
            configuration.scaleInCooldownSeconds,
            in: cooldowns,
            at: "\(path).scaleInCooldown"
        )
        configuration.targetPercent = value ?? 0
        request.configuration = configuration
    }

    static func call(
        _ request: Request,
        _ service: Service
    ) async throws(DatabaseError) -> (ScalableResource, ScalingPolicy) {
        let resource = try request.target.checked()
        if let absent = request.absent ?? request.type.flatMap({ $0 == types[1] ? nil : $0 }) {
            throw DatabaseError(
                .validation,
                "\(absent) is not supported by this server: capacity is scaled by target tracking on "
                    + "DynamoDBReadCapacityUtilization and DynamoDBWriteCapacityUtilization."
            )
        }
        if let configuration = request.configuration {
            let wanted =
                resource.dimension.isOfReads
                ? "DynamoDBReadCapacityUtilization" : "DynamoDBWriteCapacityUtilization"
            guard let metric = request.metric, metric.utf8.elementsEqual(wanted.utf8) else {
                throw DatabaseError(
                    .validation,
                    "The metric \(request.metric?.prefix(64) ?? "null") is not valid for the scalable "
                        + "dimension \(resource.dimension.rawValue): PredefinedMetricType must be "
                        + "\(wanted)."
                )
            }
            // As the service: a percentage that leaves room above and below.
            guard (20...90).contains(configuration.targetPercent) else {
                throw DatabaseError(.validation, "Target utilization must be between 20.0 and 90.0")
            }
        }
        let policy = try await service.database.putScalingPolicy(
            request.policyName,
            of: resource,
            request.configuration
        )
        return (resource, policy)
    }

    static func encode(
        _ response: (ScalableResource, ScalingPolicy),
        to request: Request,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.member("PolicyARN", service.resourceName(of: response.1, response.0))
        // Loads are looked at without alarms.
        writer.name("Alarms")
        writer.beginArray()
        writer.endArray()
    }
}

/// Takes a policy away.
enum DeleteScalingPolicy: ScalingOperation {
    static let name = "DeleteScalingPolicy"

    struct Request: Sendable {
        var target = ScalingName()
        var policyName = ""
    }

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Request {
        var request = Request()
        var policyName: String?
        try reader.readStructure { (reader, name) throws(WireError) in
            if try request.target.read(name, &reader, &constraints) { return }
            guard name == "PolicyName" else { return try reader.skipValue() }
            policyName = try reader.readString(
                ScalingName.resourceLengths,
                at: "policyName",
                &constraints
            )
        }
        constraints.require(policyName != nil, "policyName")
        request.target.requireAll(&constraints)
        request.policyName = try constraints.required(policyName, "PolicyName")
        return request
    }

    static func call(_ request: Request, _ service: Service) async throws(DatabaseError) {
        try await service.database.deleteScalingPolicy(
            request.policyName,
            of: try request.target.checked()
        )
    }

    static func encode(
        _ response: (),
        to request: Request,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {}
}
