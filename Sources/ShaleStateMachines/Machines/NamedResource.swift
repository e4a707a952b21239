internal import OrderedCollections
internal import ShaleJSON
internal import ShaleStates

/// A resource that a definition names, and where; whether this server has it.
struct NamedResource: Equatable {
    /// What it is named for.
    enum Use: Equatable {
        case task, itemReader, resultWriter
    }

    let use: Use
    let arn: String
    /// A pointer into the definition: `/States/Pay/Resource`.
    let location: String

    /// What is named in a machine, states within states included.
    static func all(of machine: JSONValue) -> [NamedResource] {
        var found: [NamedResource] = []
        collect(machine, "", &found)
        return found
    }

    private static func collect(
        _ machine: JSONValue,
        _ location: String,
        _ found: inout [NamedResource]
    ) {
        for (name, state) in machine["States"]?.members ?? [:] {
            let place = "\(location)/States/\(name)"
            let resources: [(use: Use, arn: String?, at: String)] = [
                (.task, state["Type"]?.text == "Task" ? state["Resource"]?.text : nil, ""),
                (.itemReader, state["ItemReader"]?["Resource"]?.text, "/ItemReader"),
                (.resultWriter, state["ResultWriter"]?["Resource"]?.text, "/ResultWriter"),
            ]
            for (use, arn, at) in resources {
                guard let arn else { continue }
                found.append(
                    NamedResource(use: use, arn: arn, location: "\(place)\(at)/Resource")
                )
            }
            for (number, branch) in (state["Branches"]?.elements ?? []).enumerated() {
                collect(branch, "\(place)/Branches[\(number)]", &found)
            }
            for processor in ["ItemProcessor", "Iterator"] {
                guard let inner = state[processor] else { continue }
                collect(inner, "\(place)/\(processor)", &found)
            }
        }
    }

    /// What a machine that names it is refused with, where it is not here.
    var absence: String {
        "The resource '\(arn.prefix(256))' is not supported by this server; see Docs/StateMachines.md"
    }

    /// Whether this server has it, where these are the operations of tables, as `query`.
    func isHere(_ actions: Set<String>) -> Bool {
        switch use {
        case .itemReader: return Self.readers.contains(arn)
        case .resultWriter: return Self.writers.contains(arn)
        case .task:
            guard let resource = TaskResource(arn: arn) else { return false }
            guard resource.kind == .service else { return true }
            if resource.resourceType == "aws-sdk:dynamodb" {
                return Self.isSDKAction(resource.resource, actions)
            }
            return Self.services[resource.resourceType]?.contains(resource.resource) ?? false
        }
    }

    private static let services: [String: Set<String>] = [
        "lambda": ["invoke", "invoke.waitForTaskToken"],
        "dynamodb": ["getItem", "putItem", "updateItem", "deleteItem"],
        "states": [
            "startExecution", "startExecution.sync", "startExecution.sync:2",
            "startExecution.waitForTaskToken",
        ],
    ]
    private static let readers: Set<String> = [
        "arn:aws:states:::s3:getObject", "arn:aws:states:::s3:listObjectsV2",
    ]
    private static let writers: Set<String> = ["arn:aws:states:::s3:putObject"]

    /// Whether it is an operation of tables, as `query` or `query.waitForTaskToken`.
    private static func isSDKAction(_ resource: String, _ actions: Set<String>) -> Bool {
        let parts = resource.split(separator: ".", omittingEmptySubsequences: false)
        guard let action = parts.first, actions.contains(String(action)) else { return false }
        return parts.count == 1 || (parts.count == 2 && parts[1] == "waitForTaskToken")
    }
}
