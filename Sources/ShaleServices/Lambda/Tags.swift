internal import ShaleFunctions
internal import ShaleItems
internal import ShaleTriggers

/// Adds tags to a function or a mapping.
enum TagFunction: LambdaOperation {
    static let name = "TagResource"
    static let route = Route("POST", "/2017-03-31/tags/{Resource}")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let tagged = try service.tagged(call)
        let members = try call.members([.required("Tags", .map(.text(0...256)))])
        try await service.checked { () async throws(FunctionError) in
            try await service.tag(tagged, adding: members["Tags"]?.mapValue ?? [:])
        }
        return .nothing
    }
}

/// Takes tags away from a function or a mapping.
enum UntagFunction: LambdaOperation {
    static let name = "UntagResource"
    static let route = Route("DELETE", "/2017-03-31/tags/{Resource}")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let tagged = try service.tagged(call)
        let gone = call.query.filter { $0.name == "tagKeys" }.map(\.value)
        try await service.checked { () async throws(FunctionError) in
            try await service.tag(tagged, removing: gone)
        }
        return .nothing
    }
}

/// Lists the tags of a function or a mapping.
enum ListFunctionTags: LambdaOperation {
    static let name = "ListTags"
    static let route = Route("GET", "/2017-03-31/tags/{Resource}")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let tagged = try service.tagged(call)
        let tags = try await service.checked { () async throws(FunctionError) in
            switch tagged {
            case .function(let name): try await service.functions.tags(of: name)
            case .mapping(let identity): try await service.mappings.tags(of: identity)
            }
        }
        return RestReply(["Tags": .map(tags)])
    }
}

/// What has tags.
private enum Tagged {
    case function(String)
    case mapping(String)
}

extension LambdaService {
    fileprivate func tag(
        _ tagged: Tagged,
        adding tags: Item = [:],
        removing gone: [String] = []
    ) async throws(FunctionError) {
        switch tagged {
        case .function(let name): try await functions.tag(name, adding: tags, removing: gone)
        case .mapping(let identity):
            try await mappings.tag(identity, adding: tags, removing: gone)
        }
    }

    /// What a resource name in the path names: tags are of the whole function.
    fileprivate func tagged(_ call: RestCall) throws(RestError) -> Tagged {
        let text = call.parameters["Resource"] ?? ""
        guard text.hasPrefix("arn:") else {
            throw .invalidParameter("\(text.prefix(256)) is no resource name of a function.")
        }
        let parts = text.split(separator: ":")
        if parts.count == 7, parts[5] == "event-source-mapping" {
            return .mapping(String(parts[6]))
        }
        let reference = try reference(text)
        guard reference.qualifier == nil else {
            throw .invalidParameter(
                "Tags on function aliases and versions are not supported. Please specify a function "
                    + "ARN."
            )
        }
        return .function(reference.name)
    }
}
