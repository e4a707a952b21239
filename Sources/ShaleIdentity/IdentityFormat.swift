internal import ShaleItems

/// How roles and policies stand in the system table `$identity`.
///
///     attribute  type  of       what
///     kind       S     both     partition key: "role" or "policy"
///     name       S     both     sort key: the name in lower case, so that two differ by more than that
///     written    S     both     the name as it was written
///     path       S     both
///     id         S     both     what it is known by besides
///     created    N     both     milliseconds since 1970-01-01 UTC
///     text       S     both     description; absent where there is none
///     tags       M     both     texts by name
///     trust      S     roles    who may take it
///     session    N     roles    seconds
///     boundary   S     roles    a resource name; absent where there is none
///     inline     M     roles    documents by name
///     attached   L     roles    resource names
///     changed    N     policies
///     versions   L     policies maps of number (N), document (S), created (N)
///     default    N     policies the number of the version that counts
///     next       N     policies the number of the next version
enum IdentityFormat {
    static let table = "$identity"
    static let key = KeySchema(
        partition: KeySchema.Attribute("kind", .string),
        sort: KeySchema.Attribute("name", .string)
    )

    /// What an item is of.
    enum Kind: String {
        case role, policy
    }

    static func key(_ kind: Kind, _ name: String) -> Item {
        ["kind": .string(kind.rawValue), "name": .string(name.lowercased())]
    }

    fileprivate static func texts(_ value: AttributeValue?) -> [String: String] {
        var texts: [String: String] = [:]
        for text in value?.mapValue ?? [:] { texts[text.name] = text.value.stringValue }
        return texts
    }

    fileprivate static func map(_ texts: [String: String]) -> AttributeValue {
        .map(Item(texts.map { ($0.key, AttributeValue.string($0.value)) }))
    }

    fileprivate static func number(_ value: AttributeValue?) -> Int64? {
        value?.numberValue?.integer()
    }
}

extension Role {
    var item: Item {
        var item = IdentityFormat.key(.role, name)
        item["written"] = .string(name)
        item["path"] = .string(path)
        item["id"] = .string(identity)
        item["created"] = .number(Number(createdMilliseconds))
        item["trust"] = .string(trust)
        item["session"] = .number(Number(sessionSeconds))
        item["text"] = description.map { .string($0) }
        item["boundary"] = boundary.map { .string($0) }
        item["inline"] = IdentityFormat.map(inline)
        item["attached"] = .list(attached.map { .string($0) })
        item["tags"] = IdentityFormat.map(tags)
        return item
    }

    init?(_ item: Item) {
        guard let name = item["written"]?.stringValue, let identity = item["id"]?.stringValue,
            let created = IdentityFormat.number(item["created"]),
            let trust = item["trust"]?.stringValue
        else { return nil }
        self.init(name: name, identity: identity, createdMilliseconds: created, trust: trust)
        path = item["path"]?.stringValue ?? "/"
        description = item["text"]?.stringValue
        boundary = item["boundary"]?.stringValue
        inline = IdentityFormat.texts(item["inline"])
        attached = item["attached"]?.listValue?.compactMap(\.stringValue) ?? []
        tags = IdentityFormat.texts(item["tags"])
        if let seconds = IdentityFormat.number(item["session"]) { sessionSeconds = Int(seconds) }
    }
}

extension Policy {
    var item: Item {
        var item = IdentityFormat.key(.policy, name)
        item["written"] = .string(name)
        item["path"] = .string(path)
        item["id"] = .string(identity)
        item["created"] = .number(Number(createdMilliseconds))
        item["changed"] = .number(Number(changedMilliseconds))
        item["text"] = description.map { .string($0) }
        item["default"] = .number(Number(defaultVersion))
        item["next"] = .number(Number(nextVersion))
        item["tags"] = IdentityFormat.map(tags)
        item["versions"] = .list(
            versions.map { version in
                [
                    "number": .number(Number(version.number)),
                    "document": .string(version.document),
                    "created": .number(Number(version.createdMilliseconds)),
                ]
            }
        )
        return item
    }

    init?(_ item: Item) {
        guard let name = item["written"]?.stringValue, let identity = item["id"]?.stringValue,
            let created = IdentityFormat.number(item["created"])
        else { return nil }
        self.init(name: name, identity: identity, createdMilliseconds: created)
        path = item["path"]?.stringValue ?? "/"
        description = item["text"]?.stringValue
        tags = IdentityFormat.texts(item["tags"])
        changedMilliseconds = IdentityFormat.number(item["changed"]) ?? created
        defaultVersion = IdentityFormat.number(item["default"]).map { Int($0) } ?? 1
        versions = (item["versions"]?.listValue ?? []).compactMap { Version($0.mapValue ?? [:]) }
        nextVersion = IdentityFormat.number(item["next"]).map { Int($0) } ?? versions.count + 1
    }
}

extension Policy.Version {
    fileprivate init?(_ item: Item) {
        guard let number = IdentityFormat.number(item["number"]),
            let document = item["document"]?.stringValue,
            let created = IdentityFormat.number(item["created"])
        else { return nil }
        self.init(number: Int(number), document: document, createdMilliseconds: created)
    }
}
