internal import ShaleItems
internal import ShaleStateMachines

/// Members that requests of Step Functions have in common.
enum StatesShapes {
    static let arn: Shape = .text(1...256)
    static let longARN: Shape = .text(1...2_000)
    static let name: Shape = .text(1...StatesLimits.nameLetters)
    static let description: Shape = .text(0...256)
    static let definition: Shape = .text(1...StatesLimits.definitionLetters)
    /// Inputs and outputs.
    static let data: Shape = .text(0...262_144)
    static let taskToken: Shape = .text(1...2_048)
    static let failure: [Member] = [
        Member("error", .text(0...256)), Member("cause", .text(0...32_768)),
    ]
    static let kind: Shape = .word(["STANDARD", "EXPRESS"])
    static let included = Member("includedData", .word(["ALL_DATA", "METADATA_ONLY"]))
    static let tags: Shape = .list(
        .structure([.required("key", .text(1...128)), Member("value", .text(0...256))])
    )
    static let tagKeys: Shape = .list(.text(1...128))
    static let page: [Member] = [
        Member("maxResults", .whole(0...1_000)), Member("nextToken", .text(1...1_024)),
    ]

    /// How a machine runs, beside what it does.
    static let settings: [Member] = [
        Member(
            "loggingConfiguration",
            .structure([
                Member("level", .word(["ALL", "ERROR", "FATAL", "OFF"])),
                Member("includeExecutionData", .flag),
                Member(
                    "destinations",
                    .list(
                        .structure([
                            Member(
                                "cloudWatchLogsLogGroup",
                                .structure([Member("logGroupArn", arn)])
                            )
                        ])
                    )
                ),
            ])
        ),
        Member("tracingConfiguration", .structure([Member("enabled", .flag)])),
        encryption,
    ]
    static let encryption = Member(
        "encryptionConfiguration",
        .structure([
            Member("kmsKeyId", .text(1...2_048)),
            Member("kmsDataKeyReusePeriodSeconds", .whole(60...900)),
            .required("type", .word(["AWS_OWNED_KEY", "CUSTOMER_MANAGED_KMS_KEY"])),
        ])
    )

    static let routes: Shape = .list(
        .structure([
            .required("stateMachineVersionArn", arn), .required("weight", .whole(0...100)),
        ]),
        1...2
    )
    static let aliasName = Shape.text(
        1...StatesLimits.nameLetters,
        Pattern(#"^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$"#) { text in
            let letters = Set((Pattern.alphanumeric + "_-.").utf8)
            let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
            return text.utf8.allSatisfy(letters.contains)
                && text.utf8.contains { !digits.contains($0) }
        }
    )
}

extension Item {
    /// A text that may be left out.
    func optionalText(_ name: String) -> String? { self[name]?.stringValue }

    /// Whether a member says yes.
    func isSet(_ name: String) -> Bool { self[name]?.boolValue ?? false }

    /// A text, where there is one.
    mutating func set(_ name: String, _ text: String?) {
        if let text { self[name] = .string(text) }
    }
}

extension AttributeValue {
    /// A time as the protocol tells it: seconds since 1970-01-01 UTC, with three digits behind the point.
    static func time(_ milliseconds: Int64) -> AttributeValue {
        let thousandths = String(milliseconds % 1_000 + 1_000).dropFirst()
        // Digits and a point are a number, and few enough to be kept.
        guard let number = try? Number("\(milliseconds / 1_000).\(thousandths)") else {
            preconditionFailure("digits with a point are a number")
        }
        return .number(number)
    }
}

extension StatesService {
    /// The tags of a request, by their names.
    func tags(_ members: Item) -> Item {
        var tags = Item()
        for tag in members["tags"]?.listValue?.compactMap(\.mapValue) ?? [] {
            tags[tag.text("key")] = .string(tag.text("value"))
        }
        return tags
    }

    /// Refuses a key of encryption: what this server stores, it does not encrypt.
    func requireOwnedKey(_ members: Item) throws(RestError) {
        guard let asked = members["encryptionConfiguration"]?.mapValue else { return }
        guard asked.text("type") == "AWS_OWNED_KEY" else {
            throw .states(
                .invalidEncryptionConfiguration,
                "Invalid Encryption Configuration: a key of encryption is not supported by this "
                    + "server; see Docs/StateMachines.md."
            )
        }
    }

    /// What every description says about encryption.
    static let encryption: AttributeValue = .map(["type": "AWS_OWNED_KEY"])
}
