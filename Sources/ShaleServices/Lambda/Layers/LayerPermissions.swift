internal import ShaleFunctions
internal import ShaleItems
internal import ShaleWire

/// Adds a statement to the policy of a version of a layer.
enum AddLayerVersionPermission: LambdaOperation {
    static let name = "AddLayerVersionPermission"
    static let route = Route(
        "POST",
        "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy"
    )

    private static let shape: [Member] = [
        .required("StatementId", .text(1...100, Patterns.statement)),
        .required("Action", .word(["lambda:GetLayerVersion"])),
        .required("Principal", .text(nil, Patterns.layerPrincipal)),
        Member("OrganizationId", .text(0...34, Patterns.organization)),
    ]

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let layer = try service.layer(call)
        let members = try call.members(shape)
        let functions = service.functions
        let statement = statement(members, functions.layerName(layer.name, layer.number))
        let revision = try await service.checked { () async throws(FunctionError) in
            try await functions.addStatement(
                statement,
                toLayer: layer.name,
                layer.number,
                revision: call.value("RevisionId")
            )
        }
        var writer = JSONWriter()
        writer.document(.map(statement))
        return RestReply(
            [
                "Statement": .string(String(decoding: writer.bytes, as: UTF8.self)),
                "RevisionId": .string(revision),
            ],
            status: 201
        )
    }

    private static func statement(_ members: Item, _ resource: String) -> Item {
        let principal = members["Principal"]?.stringValue ?? ""
        let account = principal.contains(":") ? principal : "arn:aws:iam::\(principal):root"
        var statement: Item = [
            "Sid": members["StatementId"] ?? "", "Effect": "Allow",
            "Principal": principal == "*" ? "*" : ["AWS": .string(account)],
            "Action": members["Action"] ?? "", "Resource": .string(resource),
        ]
        if let organization = members["OrganizationId"] {
            statement["Condition"] = ["StringEquals": ["aws:PrincipalOrgID": organization]]
        }
        return statement
    }
}

/// Takes a statement out of the policy of a version of a layer.
enum RemoveLayerVersionPermission: LambdaOperation {
    static let name = "RemoveLayerVersionPermission"
    static let route = Route(
        "DELETE",
        "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy/{StatementId}"
    )

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let layer = try service.layer(call)
        try await service.checked { () async throws(FunctionError) in
            try await service.functions.removeStatement(
                call.parameters["StatementId"] ?? "",
                fromLayer: layer.name,
                layer.number,
                revision: call.value("RevisionId")
            )
        }
        return .nothing
    }
}

/// The policy of a version of a layer.
enum GetLayerVersionPolicy: LambdaOperation {
    static let name = "GetLayerVersionPolicy"
    static let route = Route(
        "GET",
        "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy"
    )

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let layer = try service.layer(call)
        let policy = try await service.checked { () async throws(FunctionError) in
            try await service.functions.layerPolicy(of: layer.number, of: layer.name)
        }
        return .policy(policy.statements, revision: policy.revision)
    }
}
