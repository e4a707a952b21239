internal import ShaleFunctions
internal import ShaleItems

/// Makes a version of a layer.
enum PublishLayerVersion: LambdaOperation {
    static let name = "PublishLayerVersion"
    static let route = Route("POST", "/2018-10-31/layers/{LayerName}/versions")

    private static let shape: [Member] = [
        Member("Description", .text(0...256)),
        .required("Content", .structure(FunctionMembers.code)),
        Member("CompatibleRuntimes", .list(.text(1...64), 0...15)),
        Member("LicenseInfo", .text(0...512)),
        Member("CompatibleArchitectures", .list(.word(["x86_64", "arm64"]), 0...2)),
    ]

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let layer = try service.layer(call)
        var members = try call.members(shape)
        let archive = try service.archive(members.remove("Content")?.mapValue ?? [:])
        if members["Description"] == nil { members["Description"] = "" }
        let given = members
        let version = try await service.checked { () async throws(FunctionError) in
            try await service.functions.publishLayer(layer.name, given, archive: archive)
        }
        return RestReply(service.told(version, call), status: 201)
    }
}

/// Describes a version of a layer, and says where its archive can be fetched.
enum GetLayerVersion: LambdaOperation {
    static let name = "GetLayerVersion"
    static let route = Route("GET", "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let layer = try service.layer(call)
        let version = try await service.checked { () async throws(FunctionError) in
            try await service.functions.layerVersion(layer.number, of: layer.name)
        }
        return RestReply(service.told(version, call))
    }
}

/// The same by its resource name.
enum GetLayerVersionByArn: LambdaOperation {
    static let name = "GetLayerVersionByArn"
    static let route = Route("GET", "/2018-10-31/layers?find=LayerVersion")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let text = call.value("Arn") ?? ""
        guard let layer = service.functions.layer(named: text), let number = layer.number else {
            throw .invalidParameter("\(text) is no version of a layer of this account and region.")
        }
        let version = try await service.checked { () async throws(FunctionError) in
            try await service.functions.layerVersion(number, of: layer.name)
        }
        return RestReply(service.told(version, call))
    }
}

/// Deletes a version; functions that have it keep it.
enum DeleteLayerVersion: LambdaOperation {
    static let name = "DeleteLayerVersion"
    static let route = Route("DELETE", "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let layer = try service.layer(call)
        try await service.checked { () async throws(FunctionError) in
            try await service.functions.deleteLayer(layer.number, of: layer.name)
        }
        return .nothing
    }
}

/// Lists the versions of a layer, the newest first.
enum ListLayerVersions: LambdaOperation {
    static let name = "ListLayerVersions"
    static let route = Route("GET", "/2018-10-31/layers/{LayerName}/versions")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let layer = try service.layer(call)
        let limit = try call.limit("MaxItems", 1...50, else: 50)
        let versions = try await service.checked { () async throws(FunctionError) in
            try await service.functions.layerVersions(of: layer.name)
        }
        let told = versions.filter(call.wants).map { AttributeValue.map($0.listed) }
        return .page(told, "LayerVersions", call, limit)
    }
}

/// Lists layers in the order of their names, each with its newest version.
enum ListLayers: LambdaOperation {
    static let name = "ListLayers"
    static let route = Route("GET", "/2018-10-31/layers")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let limit = try call.limit("MaxItems", 1...50, else: 50)
        let marker = call.value("Marker")
        let functions = service.functions
        let answer = try await service.checked { () async throws(FunctionError) in
            var told: [AttributeValue] = []
            var last: String?
            for name in try await functions.layerNames(after: marker) {
                if told.count == limit { break }
                last = name
                guard
                    let newest = try await functions.layerVersions(of: name).first(
                        where: call.wants
                    )
                else { continue }
                told.append(
                    .map([
                        "LayerName": .string(name), "LayerArn": .string(functions.layerName(name)),
                        "LatestMatchingVersion": .map(newest.listed),
                    ])
                )
            }
            var answer: Item = ["Layers": .list(told)]
            if told.count == limit, let last { answer["NextMarker"] = .string(last) }
            return answer
        }
        return RestReply(answer)
    }
}

extension RestCall {
    /// Whether a version is for the runtime and the architecture that a request asks for.
    fileprivate func wants(_ version: LayerVersion) -> Bool {
        version.isFor(
            runtime: value("CompatibleRuntime"),
            architecture: value("CompatibleArchitecture")
        )
    }
}
