/// Members that requests of IAM have in common.
enum IdentityShapes {
    static let role: Member = .required("RoleName", .text(1...64, name))
    static let policy: Member = .required("PolicyName", .text(1...128, name))
    static let resource: Member = .required("PolicyArn", .text(20...2_048))
    static let document: Member = .required("PolicyDocument", .text(1...131_072))
    static let trust = Shape.text(1...131_072)
    static let session: Shape = .whole(3_600...43_200)
    static let description: Shape = .text(0...1_000)
    static let path: Shape = .text(1...512, pathPattern)
    static let pathPrefix = Member("PathPrefix", .text(1...512))
    static let tagKeys: Member = .required("TagKeys", .list(.text(1...128), 0...50))
    static let tags: Shape = .list(
        .structure([.required("Key", .text(1...128)), .required("Value", .text(0...256))]),
        0...50
    )
    static let page: [Member] = [
        Member("Marker", .text(1...320)), Member("MaxItems", .whole(1...1_000)),
    ]
    static let version: Member = .required("VersionId", .text(nil, versionPattern))

    private static let name = Pattern(
        #"[\w+=,.@-]+"#,
        letters: Pattern.alphanumeric + "_+=,.@-"
    )
    private static let pathPattern = Pattern(#"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)"#) { text in
        text.hasPrefix("/") && text.hasSuffix("/")
            && text.utf8.allSatisfy { 0x21...0x7E ~= $0 }
    }
    private static let versionPattern = Pattern(#"v[1-9][0-9]*(\.[A-Za-z0-9-]*)?"#) { text in
        text.hasPrefix("v") && (Int(text.dropFirst()) ?? 0) > 0
    }

    /// The number of a version, as `v7`.
    static func number(_ version: String) -> Int { Int(version.dropFirst()) ?? 0 }
}
