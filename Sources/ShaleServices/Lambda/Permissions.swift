internal import ShaleFunctions
internal import ShaleItems
internal import ShaleWire

/// Adds a statement to the policy of a function.
enum AddPermission: LambdaOperation {
    static let name = "AddPermission"
    static let route = Route("POST", "/2015-03-31/functions/{FunctionName}/policy")

    private static let shape: [Member] = [
        .required("StatementId", .text(1...100, Patterns.statement)),
        .required("Action", .text(nil, Patterns.action)),
        .required("Principal", .text(1...256)),
        Member("SourceArn", .text(1...2_048)), Member("SourceAccount", .text(12...12)),
        Member("EventSourceToken", .text(0...256)), Member("RevisionId", .text()),
        Member("PrincipalOrgID", .text(12...34)),
        Member("FunctionUrlAuthType", .word(["NONE", "AWS_IAM"])),
        Member("InvokedViaFunctionUrl", .flag),
    ]

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let reference = try service.reference(call)
        let members = try call.members(shape)
        let resource = service.functions.resourceName(reference.name, reference.qualifier)
        let statement = statement(members, resource)
        try await service.checked { () async throws(FunctionError) in
            try await service.functions.addStatement(
                statement,
                to: reference.name,
                reference.qualifier,
                revision: members["RevisionId"]?.stringValue
            )
        }
        var writer = JSONWriter()
        writer.document(.map(statement))
        let text = String(decoding: writer.bytes, as: UTF8.self)
        return RestReply(["Statement": .string(text)], status: 201)
    }

    private static func statement(_ members: Item, _ resource: String) -> Item {
        let principal = members["Principal"]?.stringValue ?? ""
        let isService = principal.contains(".")
        let isAccount =
            principal.utf8.count == 12 && principal.utf8.allSatisfy { 0x30...0x39 ~= $0 }
        var condition = Item()
        if let source = members["SourceArn"] {
            condition["ArnLike"] = ["AWS:SourceArn": source]
        }
        var equal = Item()
        equal["AWS:SourceAccount"] = members["SourceAccount"]
        equal["lambda:EventSourceToken"] = members["EventSourceToken"]
        equal["aws:PrincipalOrgID"] = members["PrincipalOrgID"]
        equal["lambda:FunctionUrlAuthType"] = members["FunctionUrlAuthType"]
        if !equal.isEmpty { condition["StringEquals"] = .map(equal) }
        if let isByURL = members["InvokedViaFunctionUrl"]?.boolValue {
            condition["Bool"] = ["lambda:InvokedViaFunctionUrl": .string("\(isByURL)")]
        }
        var statement: Item = [
            "Sid": members["StatementId"] ?? "", "Effect": "Allow",
            "Action": members["Action"] ?? "", "Resource": .string(resource),
        ]
        if principal == "*" {
            statement["Principal"] = "*"
        } else if isService {
            statement["Principal"] = ["Service": .string(principal)]
        } else {
            let name = isAccount ? "arn:aws:iam::\(principal):root" : principal
            statement["Principal"] = ["AWS": .string(name)]
        }
        if !condition.isEmpty { statement["Condition"] = .map(condition) }
        return statement
    }
}

/// Takes a statement out of the policy of a function.
enum RemovePermission: LambdaOperation {
    static let name = "RemovePermission"
    static let route = Route("DELETE", "/2015-03-31/functions/{FunctionName}/policy/{StatementId}")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let reference = try service.reference(call)
        try await service.checked { () async throws(FunctionError) in
            try await service.functions.removeStatement(
                call.parameters["StatementId"] ?? "",
                from: reference.name,
                reference.qualifier,
                revision: call.value("RevisionId")
            )
        }
        return .nothing
    }
}

/// The policy of a function.
enum GetPolicy: LambdaOperation {
    static let name = "GetPolicy"
    static let route = Route("GET", "/2015-03-31/functions/{FunctionName}/policy")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let reference = try service.reference(call)
        let policy = try await service.checked { () async throws(FunctionError) in
            try await service.functions.policy(of: reference.name, reference.qualifier)
        }
        guard let policy else {
            throw RestError(
                FunctionError(.resourceNotFound, "The resource you requested does not exist.")
            )
        }
        return .policy(policy.statements, revision: policy.revision)
    }
}

extension RestReply {
    /// A policy as a text of JSON, with its revision.
    static func policy(_ statements: [Item], revision: String) -> RestReply {
        var writer = JSONWriter()
        writer.document([
            "Version": "2012-10-17", "Id": "default",
            "Statement": .list(statements.map(AttributeValue.map)),
        ])
        return RestReply([
            "Policy": .string(String(decoding: writer.bytes, as: UTF8.self)),
            "RevisionId": .string(revision),
        ])
    }
}
