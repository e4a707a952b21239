internal import ShaleItems

/// The items of the system table `$scaling`.
///
///     attribute    type  what
///     kind         S     the partition key: target or activity
///     key          S     the sort key
///
/// Of `target`, under the dimension, a space and the name of the resource:
///
///     id           S     UUID
///     minimum      N
///     maximum      N
///     role         S     absent if none was given
///     created      N     milliseconds since 1970-01-01 UTC, as all times here
///     suspended    L     of BOOL: in, out, scheduled
///     tags         M     of S
///     policies     L     of maps:
///       name       S
///       id         S     UUID
///       created    N
///       target     N     percent
///       out        N     cool-down after a raise in seconds; absent if not said
///       in         N     the same after a lowering
///       onlyOut    BOOL  whether it never lowers; absent if not said
///
/// Of `activity`, under the time in milliseconds with 16 digits, a space and the UUID:
///
///     dimension    S
///     resource     S
///     id           S
///     description  S
///     cause        S
///     began        N
///     ended        N
///     status       S     Successful or Failed
///     message      S
enum ScalingFormat {
    static let tableName = "$scaling"
    static let key = KeySchema(
        partition: AttributeDefinition("kind", .string),
        sort: AttributeDefinition("key", .string)
    )
    static let target = AttributeValue.string("target")
    static let activity = AttributeValue.string("activity")

    static func key(of resource: ScalableResource) -> Item {
        ["kind": target, "key": .string("\(resource.dimension.rawValue) \(resource.identity)")]
    }

    /// Below all activities from a time on.
    static func activityKey(from milliseconds: Int64) -> AttributeValue {
        let digits = String(max(0, milliseconds))
        return .string(String(repeating: "0", count: max(0, 16 - digits.utf8.count)) + digits)
    }

    // MARK: Targets

    static func item(_ target: ScalableTarget) -> Item {
        var item = key(of: target.resource)
        item["id"] = .string(target.id)
        item["minimum"] = .number(Number(target.minimum))
        item["maximum"] = .number(Number(target.maximum))
        item["role"] = target.role.map { .string($0) }
        item["created"] = .number(Number(target.creationMilliseconds))
        let suspended = target.suspended
        item["suspended"] = [
            .bool(suspended.scalingIn), .bool(suspended.scalingOut), .bool(suspended.scheduled),
        ]
        item["tags"] = .map(Item(target.tags.map { ($0.key, .string($0.value)) }))
        item["policies"] = .list(target.policies.map { .map(self.item($0)) })
        return item
    }

    private static func item(_ policy: ScalingPolicy) -> Item {
        let configuration = policy.configuration
        var item: Item = [
            "name": .string(policy.name), "id": .string(policy.id),
            "created": .number(Number(policy.creationMilliseconds)),
            // Thousandths of a percent are finer than anybody sets.
            "target": .number(Number(Int((configuration.targetPercent * 1_000).rounded()))),
        ]
        item["out"] = configuration.scaleOutCooldownSeconds.map { .number(Number($0)) }
        item["in"] = configuration.scaleInCooldownSeconds.map { .number(Number($0)) }
        item["onlyOut"] = configuration.disablesScaleIn.map { .bool($0) }
        return item
    }

    static func target(_ item: Item) throws(DatabaseError) -> ScalableTarget {
        let fields = ScalingFields(item: item)
        let key = try fields.text("key")
        guard let space = key.firstIndex(of: " "),
            let dimension = ScalableResource.Dimension(rawValue: String(key[..<space])),
            let resource = ScalableResource(String(key[key.index(after: space)...]), dimension)
        else { throw ScalingFields.damaged("key") }
        var target = ScalableTarget(
            resource: resource,
            id: try fields.text("id"),
            minimum: try fields.number("minimum"),
            maximum: try fields.number("maximum"),
            role: item["role"]?.stringValue,
            creationMilliseconds: Int64(try fields.number("created"))
        )
        let flags = (item["suspended"]?.listValue ?? []).compactMap(\.boolValue)
        guard flags.count == 3 else { throw ScalingFields.damaged("suspended") }
        target.suspended.scalingIn = flags[0]
        target.suspended.scalingOut = flags[1]
        target.suspended.scheduled = flags[2]
        for tag in item["tags"]?.mapValue ?? Item() {
            guard let value = tag.value.stringValue else { throw ScalingFields.damaged("tags") }
            target.tags[tag.name] = value
        }
        for value in item["policies"]?.listValue ?? [] {
            guard case .map(let map) = value else { throw ScalingFields.damaged("policies") }
            target.policies.append(try policy(ScalingFields(item: map)))
        }
        return target
    }

    private static func policy(_ fields: ScalingFields) throws(DatabaseError) -> ScalingPolicy {
        var configuration = ScalingPolicy.Configuration(
            targetPercent: Double(try fields.number("target")) / 1_000
        )
        configuration.scaleOutCooldownSeconds = fields.item["out"]?.numberValue?.intValue
        configuration.scaleInCooldownSeconds = fields.item["in"]?.numberValue?.intValue
        configuration.disablesScaleIn = fields.item["onlyOut"]?.boolValue
        return ScalingPolicy(
            name: try fields.text("name"),
            id: try fields.text("id"),
            creationMilliseconds: Int64(try fields.number("created")),
            configuration: configuration
        )
    }

    // MARK: Activities

    static func item(_ activity: ScalingActivity) -> Item {
        let time = activityKey(from: activity.startMilliseconds).stringValue ?? ""
        return [
            "kind": Self.activity, "key": .string("\(time) \(activity.id)"),
            "dimension": .string(activity.resource.dimension.rawValue),
            "resource": .string(activity.resource.identity), "id": .string(activity.id),
            "description": .string(activity.description), "cause": .string(activity.cause),
            "began": .number(Number(activity.startMilliseconds)),
            "ended": .number(Number(activity.endMilliseconds)),
            "status": .string(activity.status.rawValue), "message": .string(activity.statusMessage),
        ]
    }

    static func activity(_ item: Item) throws(DatabaseError) -> ScalingActivity {
        let fields = ScalingFields(item: item)
        guard let dimension = ScalableResource.Dimension(rawValue: try fields.text("dimension")),
            let resource = ScalableResource(try fields.text("resource"), dimension),
            let status = ScalingActivity.Status(rawValue: try fields.text("status"))
        else { throw ScalingFields.damaged("resource") }
        return ScalingActivity(
            id: try fields.text("id"),
            resource: resource,
            description: try fields.text("description"),
            cause: try fields.text("cause"),
            startMilliseconds: Int64(try fields.number("began")),
            endMilliseconds: Int64(try fields.number("ended")),
            status: status,
            statusMessage: try fields.text("message")
        )
    }
}

/// Reads the attributes of an item of `$scaling`; what is not as drawn is damage.
private struct ScalingFields {
    let item: Item

    static func damaged(_ name: String) -> DatabaseError {
        .damaged("scaling", "the attribute \(name) is missing or malformed")
    }

    func text(_ name: String) throws(DatabaseError) -> String {
        guard let text = item[name]?.stringValue else { throw Self.damaged(name) }
        return text
    }

    func number(_ name: String) throws(DatabaseError) -> Int {
        guard let number = item[name]?.numberValue?.intValue else { throw Self.damaged(name) }
        return number
    }
}
