internal import ShaleTables
internal import ShaleWire

/// An operation of Application Auto Scaling, which scales what tables are provisioned with.
///
/// The same protocol as that of tables (JSON 1.1 is JSON 1.0 with another content type), under targets of its own, and with errors
/// of its own.
protocol ScalingOperation: Operation {
    /// What an unknown thing is: of targets and policies `ObjectNotFoundException`, of tags `ResourceNotFoundException`.
    static var notFound: WireError.Code { get }
}

extension ScalingOperation {
    static var notFound: WireError.Code { .objectNotFound }

    static func accesses(_ request: Request, _ service: Service) -> [Access] {
        [Access(action: "\(Envelope.scalingService):\(name)", resource: "*")]
    }

    static func run(_ body: RequestBody, _ service: Service) async throws(WireError) -> [UInt8] {
        do throws(WireError) {
            return try await run(body.array, service)
        } catch {
            var wire = error
            switch error.code {
            case .resourceNotFound: wire.code = notFound
            case .limitExceeded where notFound == .resourceNotFound: wire.code = .tooManyTags
            case .internalServerError: wire.code = .internalService
            default: break
            }
            throw wire
        }
    }
}

/// The namespace, resource and dimension that a request names; each nil where it does not say.
struct ScalingName: Sendable {
    var namespace: String?
    var resource: String?
    var dimension: String?

    static let namespaces = [
        "ecs", "elasticmapreduce", "ec2", "appstream", "dynamodb", "rds", "sagemaker",
        "custom-resource", "comprehend", "lambda", "cassandra", "kafka", "elasticache", "neptune",
        "workspaces",
    ]
    static let dimensions = [
        "ecs:service:DesiredCount", "ec2:spot-fleet-request:TargetCapacity",
        "elasticmapreduce:instancegroup:InstanceCount", "appstream:fleet:DesiredCapacity",
        "dynamodb:table:ReadCapacityUnits", "dynamodb:table:WriteCapacityUnits",
        "dynamodb:index:ReadCapacityUnits", "dynamodb:index:WriteCapacityUnits",
        "rds:cluster:ReadReplicaCount", "sagemaker:variant:DesiredInstanceCount",
        "custom-resource:ResourceType:Property",
        "comprehend:document-classifier-endpoint:DesiredInferenceUnits",
        "comprehend:entity-recognizer-endpoint:DesiredInferenceUnits",
        "lambda:function:ProvisionedConcurrency", "cassandra:table:ReadCapacityUnits",
        "cassandra:table:WriteCapacityUnits", "kafka:broker-storage:VolumeSize",
        "elasticache:cache-cluster:Nodes", "elasticache:replication-group:NodeGroups",
        "elasticache:replication-group:Replicas", "neptune:cluster:ReadReplicaCount",
        "sagemaker:variant:DesiredProvisionedConcurrency",
        "sagemaker:inference-component:DesiredCopyCount",
        "workspaces:workspacespool:DesiredUserSessions",
    ]
    static let resourceLengths = 1...1_600

    /// Reads a member, if it is one of these.
    /// - Returns: Whether it was.
    mutating func read(
        _ name: String,
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Bool {
        switch name {
        case "ServiceNamespace":
            namespace = try reader.readWord(
                of: Self.namespaces,
                at: "serviceNamespace",
                &constraints
            )
        case "ResourceId":
            resource = try reader.readString(
                Self.resourceLengths,
                at: "resourceId",
                &constraints
            )
        case "ScalableDimension":
            dimension = try reader.readWord(
                of: Self.dimensions,
                at: "scalableDimension",
                &constraints
            )
        default: return false
        }
        return true
    }

    /// Notes what is missing where all three are required.
    func requireAll(_ constraints: inout Constraints) {
        constraints.require(namespace != nil, "serviceNamespace")
        constraints.require(resource != nil, "resourceId")
        constraints.require(dimension != nil, "scalableDimension")
    }

    /// What is named; only tables and their indexes can be scaled here.
    func checked() throws(DatabaseError) -> ScalableResource {
        guard namespace == "dynamodb", let resource,
            let dimension = dimension.flatMap({ ScalableResource.Dimension(rawValue: $0) }),
            let checked = ScalableResource(resource, dimension)
        else {
            throw DatabaseError(
                .validation,
                "Unsupported service namespace, resource type or scalable dimension"
            )
        }
        return checked
    }

    /// Whether something is of what is asked for; what is not said is of all.
    func covers(_ other: ScalableResource) -> Bool {
        namespace == "dynamodb"
            && (resource.map { $0.utf8.elementsEqual(other.identity.utf8) } ?? true)
            && (dimension.map { $0.utf8.elementsEqual(other.dimension.rawValue.utf8) } ?? true)
    }
}

extension Service {
    /// The resource name of something that is scaled.
    func resourceName(of target: ScalableTarget) -> String {
        scalablePrefix + target.id
    }

    private var scalablePrefix: String {
        "arn:aws:application-autoscaling:\(region):\(account):scalable-target/"
    }

    /// The identity in a resource name of something that is scaled.
    func scalableID(_ resourceName: String) throws(DatabaseError) -> String {
        guard resourceName.utf8.starts(with: scalablePrefix.utf8) else {
            throw DatabaseError(
                .resourceNotFound,
                "The resource \(resourceName.prefix(256)) was not found."
            )
        }
        let id = resourceName.utf8.dropFirst(scalablePrefix.utf8.count)
        return String(decoding: id, as: UTF8.self)
    }

    /// The resource name of a policy.
    func resourceName(of policy: ScalingPolicy, _ resource: ScalableResource) -> String {
        "arn:aws:autoscaling:\(region):\(account):scalingPolicy:\(policy.id):resource/dynamodb/"
            + "\(resource.identity):policyName/\(policy.name)"
    }

    /// The role that the service makes for itself where none is given.
    var scalingRole: String {
        "arn:aws:iam::\(account):role/aws-service-role/dynamodb.application-autoscaling.amazonaws.com/"
            + "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable"
    }
}

extension JSONWriter {
    /// The three members that name what is scaled.
    mutating func scalableResource(_ resource: ScalableResource) {
        member("ServiceNamespace", "dynamodb")
        member("ResourceId", resource.identity)
        member("ScalableDimension", resource.dimension.rawValue)
    }
}
