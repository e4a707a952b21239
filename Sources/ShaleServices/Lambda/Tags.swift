internal import ShaleFunctions
internal import ShaleItems

/// Adds tags to a function.
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
            try await service.functions.tag(tagged, adding: members["Tags"]?.mapValue ?? [:])
        }
        return .nothing
    }
}

/// Takes tags away from a function.
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
            try await service.functions.tag(tagged, removing: gone)
        }
        return .nothing
    }
}

/// Lists the tags of a function.
enum ListFunctionTags: LambdaOperation {
    static let name = "ListTags"
    static let route = Route("GET", "/2017-03-31/tags/{Resource}")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let tagged = try service.tagged(call)
        let tags = try await service.checked { () async throws(FunctionError) in
            try await service.functions.tags(of: tagged)
        }
        return RestReply(["Tags": .map(tags)])
    }
}

extension LambdaService {
    /// The function that a resource name in the path names: tags are of the whole function.
    fileprivate func tagged(_ call: RestCall) throws(RestError) -> String {
        let text = call.parameters["Resource"] ?? ""
        guard text.hasPrefix("arn:") else {
            throw .invalidParameter("\(text.prefix(256)) is no resource name of a function.")
        }
        let reference = try reference(text)
        guard reference.qualifier == nil else {
            throw .invalidParameter(
                "Tags on function aliases and versions are not supported. Please specify a function "
                    + "ARN."
            )
        }
        return reference.name
    }
}
