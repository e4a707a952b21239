internal import ShaleFunctions
internal import ShaleItems

/// Makes a function of code and settings.
enum CreateFunction: LambdaOperation {
    static let name = "CreateFunction"
    static let route = Route("POST", "/2015-03-31/functions")

    private static let shape: [Member] =
        FunctionMembers.settings + [
            .required("FunctionName", .text(1...140, FunctionReference.pattern)),
            .required("Role", .text(nil, Patterns.role)),
            .required("Code", .structure(FunctionMembers.code)),
            Member("Publish", .flag),
            Member("PackageType", .word(["Zip", "Image"])),
            FunctionMembers.architectures,
            FunctionMembers.tags,
        ]

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        var fields = try call.members(shape)
        let reference = try service.reference(fields["FunctionName"]?.stringValue ?? "")
        guard reference.qualifier == nil, reference.name.utf8.count <= 64 else {
            throw .invalidParameter(
                "A function's name has 1 to 64 letters, and no qualifier: \(reference.name)"
            )
        }
        if fields["PackageType"] == "Image" { throw .absent("Code in container images") }
        try FunctionMembers.check(&fields)
        guard fields["Runtime"] != nil, fields["Handler"] != nil else {
            throw .invalidParameter(
                "Runtime and Handler are mandatory parameters for functions created with deployment "
                    + "packages."
            )
        }
        let archive = try service.archive(fields.remove("Code")?.mapValue ?? [:])
        let publishes = fields.remove("Publish") == true
        let tags = fields.remove("Tags")?.mapValue ?? [:]
        let filled = withDefaults(fields, reference.name)
        let functions = service.functions
        let made = try await service.checked { () async throws(FunctionError) in
            let made = try await functions.create(filled, archive: archive)
            if !tags.isEmpty { try await functions.tag(made.name, adding: tags) }
            guard publishes else { return made }
            await functions.settled(made.name)
            return try await functions.publish(made.name)
        }
        return RestReply(made.told, status: 201)
    }

    private static func withDefaults(_ given: Item, _ name: String) -> Item {
        var fields: Item = [
            "Description": "", "Timeout": 3, "MemorySize": 128, "PackageType": "Zip",
            "Architectures": ["x86_64"], "EphemeralStorage": ["Size": 512],
            "TracingConfig": ["Mode": "PassThrough"],
            "SnapStart": ["ApplyOn": "None", "OptimizationStatus": "Off"],
        ]
        for (member, value) in given { fields[member] = value }
        fields["FunctionName"] = .string(name)
        var logging: Item = ["LogFormat": "Text", "LogGroup": .string("/aws/lambda/\(name)")]
        for (member, value) in given["LoggingConfig"]?.mapValue ?? [:] { logging[member] = value }
        fields["LoggingConfig"] = .map(logging)
        return fields
    }
}
