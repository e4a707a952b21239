internal import ShaleFunctions
internal import ShaleItems
internal import ShalePlatform
internal import ShaleWire

/// The members of requests that describe a function: their shapes, and what of them has a sense here.
enum FunctionMembers {
    private static let resource = Shape.text(0...2_048)

    /// What both making and changing a function may say.
    static let settings: [Member] = [
        Member("Runtime", .text(1...64)),
        Member("Handler", .text(0...128, Patterns.handler)),
        Member("Description", .text(0...256)),
        Member("Timeout", .whole(1...FunctionLimits.timeoutSeconds)),
        Member("MemorySize", .whole(128...10_240)),
        Member(
            "VpcConfig",
            .structure([
                Member("SubnetIds", .list(.text(), 0...16)),
                Member("SecurityGroupIds", .list(.text(), 0...5)),
                Member("Ipv6AllowedForDualStack", .flag),
            ])
        ),
        Member("DeadLetterConfig", .structure([Member("TargetArn", resource)])),
        Member("Environment", .structure([Member("Variables", .map(.text()))])),
        Member("KMSKeyArn", resource),
        Member("TracingConfig", .structure([Member("Mode", .word(["Active", "PassThrough"]))])),
        Member("Layers", .list(.text(1...140))),
        Member(
            "FileSystemConfigs",
            .list(
                .structure([
                    .required("Arn", .text(0...200)), .required("LocalMountPath", .text(0...160)),
                ]),
                0...1
            )
        ),
        Member("EphemeralStorage", .structure([.required("Size", .whole(512...10_240))])),
        Member(
            "SnapStart",
            .structure([Member("ApplyOn", .word(["PublishedVersions", "None"]))])
        ),
        Member(
            "LoggingConfig",
            .structure([
                Member("LogFormat", .word(["JSON", "Text"])),
                Member(
                    "ApplicationLogLevel",
                    .word(["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"])
                ),
                Member("SystemLogLevel", .word(["DEBUG", "INFO", "WARN"])),
                Member("LogGroup", .text(1...512, Patterns.logGroup)),
            ])
        ),
        Member("ImageConfig", .structure([])),
        Member("CapacityProviderConfig", .structure([])),
        Member("DurableConfig", .structure([])),
        Member("TenancyConfig", .structure([])),
        Member("PublishTo", .word(["LATEST_PUBLISHED"])),
        Member("CodeSigningConfigArn", .text(0...200)),
    ]

    /// Where code comes from.
    static let code: [Member] = [
        Member("ZipFile", .blob),
        Member("S3Bucket", .text(3...63)),
        Member("S3Key", .text(1...1_024)),
        Member("S3ObjectVersion", .text(1...1_024)),
        Member("ImageUri", .text()),
        Member("SourceKMSKeyArn", resource),
    ]

    static let architectures = Member("Architectures", .list(.word(["x86_64", "arm64"]), 1...1))
    static let tags = Member("Tags", .map(.text(0...256)))

    /// What is not there, by the members that ask for it.
    private static let absent = [
        "ImageConfig": "Code in container images", "CapacityProviderConfig": "A capacity provider",
        "DurableConfig": "A durable function", "TenancyConfig": "Tenant isolation",
        "PublishTo": "PublishTo", "CodeSigningConfigArn": "Code signing",
    ]

    /// Takes out of a request what says nothing, and refuses what is not there or makes no sense.
    static func check(_ fields: inout Item) throws(RestError) {
        for name in fields.names {
            guard let feature = absent[name] else { continue }
            // An empty text is how clients say none.
            guard fields[name] == "" else { throw .absent(feature) }
            fields.remove(name)
        }
        if let target = fields["DeadLetterConfig"]?.mapValue?["TargetArn"]?.stringValue {
            guard target.isEmpty else { throw .absent("A dead-letter target (\(target))") }
            fields.remove("DeadLetterConfig")
        }
        if fields["SnapStart"]?.mapValue?["ApplyOn"] == "PublishedVersions" {
            throw .absent("SnapStart")
        }
        fields.remove("SnapStart")
        if fields["KMSKeyArn"] == "" { fields.remove("KMSKeyArn") }
        try checkVariables(fields["Environment"]?.mapValue?["Variables"]?.mapValue ?? [:])
    }

    private static let reserved: Set<String> = [
        "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
        "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
    ]

    private static func checkVariables(_ variables: Item) throws(RestError) {
        let start =
            "Lambda was unable to configure your environment variables because the environment "
            + "variables you have provided "
        let taken = variables.names.filter(reserved.contains)
        guard taken.isEmpty else {
            throw .invalidParameter(
                start + "contains reserved keys that are currently not supported for modification. "
                    + "Reserved keys used in this request: " + taken.joined(separator: ", ")
            )
        }
        var constraints = Constraints()
        for name in variables.names where !isVariableName(name) {
            constraints.note(
                name,
                at: "environment.variables",
                "Map keys must satisfy constraint: [Member must satisfy regular expression pattern: "
                    + "[a-zA-Z]([a-zA-Z0-9_])+]"
            )
        }
        try constraints.finished()
        let bytes = variables.reduce(0) { sum, variable in
            sum + variable.name.utf8.count + (variable.value.stringValue?.utf8.count ?? 0)
        }
        guard bytes <= FunctionLimits.variablesBytes else {
            throw .invalidParameter(start + "exceeded the 4KB limit. They have \(bytes) bytes.")
        }
    }

    private static func isVariableName(_ name: String) -> Bool {
        let letters = Set((Pattern.alphanumeric + "_").utf8)
        guard let first = name.utf8.first, name.utf8.count >= 2 else { return false }
        return first != UInt8(ascii: "_") && !(0x30...0x39 ~= first)
            && name.utf8.allSatisfy(letters.contains)
    }
}

extension LambdaService {
    /// The code that a request brings or points to.
    func archive(_ code: Item) throws(RestError) -> [UInt8] {
        if code["ImageUri"] != nil { throw .absent("Code in container images") }
        if let archive = code["ZipFile"]?.binaryValue { return archive }
        guard let name = code["S3Bucket"]?.stringValue, let key = code["S3Key"]?.stringValue else {
            throw .invalidParameter("Please provide a source for function code.")
        }
        guard code["S3ObjectVersion"] == nil else { throw .absent("A version of an object") }
        guard let bucket = buckets[name] else {
            throw .invalidParameter(
                "Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The "
                    + "specified bucket \(name) does not exist: `shale serve --bucket NAME=DIRECTORY` "
                    + "names those that are here."
            )
        }
        do {
            let size = try bucket.sizeBytes(of: key)
            guard size <= FunctionLimits.unzippedBytes else {
                throw RestError(
                    FunctionError(
                        .invalidParameter,
                        "The object \(key) has \(size) bytes; code has at most "
                            + "\(FunctionLimits.unzippedBytes)."
                    )
                )
            }
            return try bucket.read(key, at: 0, count: size)
        } catch let error as RestError {
            throw error
        } catch {
            throw .invalidParameter(
                "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: \(error)"
            )
        }
    }
}
