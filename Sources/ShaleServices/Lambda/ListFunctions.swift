internal import ShaleFunctions
internal import ShaleItems

/// Lists all functions in the order of their names, with their versions if asked.
enum ListFunctions: LambdaOperation {
    static let name = "ListFunctions"
    static let route = Route("GET", "/2015-03-31/functions")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let limit = min(50, try call.limit("MaxItems", 1...10_000, else: 50))
        let marker = call.value("Marker")
        let withVersions = call.value("FunctionVersion") == "ALL"
        let functions = service.functions
        let answer = try await service.checked { () async throws(FunctionError) in
            let page = try await functions.functions(after: marker, limit: limit)
            var told: [AttributeValue] = []
            for function in page {
                let all =
                    withVersions ? try await functions.versions(of: function.name) : [function]
                told += all.map { .map($0.listed) }
            }
            var answer: Item = ["Functions": .list(told)]
            if page.count == limit, let last = page.last {
                answer["NextMarker"] = .string(last.name)
            }
            return answer
        }
        return RestReply(answer)
    }
}

/// Lists the versions of a function, what is not published first.
enum ListVersionsByFunction: LambdaOperation {
    static let name = "ListVersionsByFunction"
    static let route = Route("GET", "/2015-03-31/functions/{FunctionName}/versions")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let reference = try service.reference(call)
        let limit = min(50, try call.limit("MaxItems", 1...10_000, else: 50))
        let versions = try await service.checked { () async throws(FunctionError) in
            try await service.functions.versions(of: reference.name)
        }
        guard !versions.isEmpty else {
            throw RestError(service.functions.missing(reference.name))
        }
        return .page(versions.map { .map($0.listed) }, "Versions", call, limit)
    }
}

extension RestReply {
    /// A page of a list that is whole in memory; the marker is how many came before.
    static func page(
        _ all: [AttributeValue],
        _ name: String,
        _ call: RestCall,
        _ limit: Int
    ) -> RestReply {
        let start = min(all.count, max(0, call.value("Marker").flatMap { Int($0) } ?? 0))
        let end = min(all.count, start + limit)
        var answer: Item = [name: .list(Array(all[start..<end]))]
        if end < all.count { answer["NextMarker"] = .string(String(end)) }
        return RestReply(answer)
    }
}

extension FunctionConfiguration {
    /// What lists tell: not how far it is made ready.
    var listed: Item {
        let hidden: Set<String> = [
            "State", "StateReason", "StateReasonCode", "LastUpdateStatus",
            "LastUpdateStatusReason", "LastUpdateStatusReasonCode",
        ]
        return Item(told.filter { !hidden.contains($0.name) }.map { ($0.name, $0.value) })
    }
}
