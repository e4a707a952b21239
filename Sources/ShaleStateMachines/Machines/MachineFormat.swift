internal import ShaleItems

/// How state machines stand in the system table `$machines`.
///
///     of          what             attributes
///     #machines   NAME             identity (S), kind (S), created (N), revision (S), published (N), last (N: the last version), publish (BOOL)
///                                  and text (S): what its creation asked for; deleting (BOOL): there and true while it is deleted
///     NAME        revision#UUID    identity (S: its machine's), first (BOOL), created (N), role (S), logging (M), traced (BOOL), pieces (N)
///     NAME        text#UUID#0001   bytes (B): a piece of the definition
///     NAME        version#000007   revision (S), created (N), text (S)
///     NAME        alias#NAME       created (N), updated (N), text (S), routes (L of L: version, weight)
///     NAME        tags             tags (M)
///
/// Numbers of time are milliseconds since 1970-01-01 UTC. No machine has a `#` in its name.
enum MachineFormat {
    static let table = "$machines"
    static let key = KeySchema(
        partition: KeySchema.Attribute("of", .string),
        sort: KeySchema.Attribute("what", .string)
    )
    /// The partition of the machines themselves.
    static let machines = "#machines"
    static let versions = "version#"
    static let aliases = "alias#"
    static let tags = "tags"

    static func key(_ of: String, _ what: String) -> Item {
        ["of": .string(of), "what": .string(what)]
    }

    /// What executions of a machine are listed under: not what those of machines are that had its name before.
    static func group(_ name: String, _ identity: String?) -> String {
        identity.map { "\(name)#\($0)" } ?? name
    }

    static func revision(_ id: String) -> String { "revision#\(id)" }
    static func pieces(_ id: String) -> String { "text#\(id)#" }
    static func alias(_ name: String) -> String { aliases + name }

    /// The sort key of a version: in the order of numbers.
    static func version(_ number: Int) -> String { versions + padded(number, 12) }

    /// Behind every sort key that begins so and goes on with what names and numbers have.
    static func behind(_ prefix: String) -> AttributeValue { .string(prefix + "\u{7F}") }

    static func number(_ value: AttributeValue?) -> Int64? { value?.numberValue?.integer() }

    /// The pieces of a definition.
    static func pieces(of definition: String, _ name: String, _ id: String) -> [Item] {
        let bytes = Array(definition.utf8)
        var items: [Item] = []
        for start in stride(from: 0, to: bytes.count, by: StatesLimits.pieceBytes) {
            var item = key(name, pieces(id) + padded(items.count, 4))
            let end = min(start + StatesLimits.pieceBytes, bytes.count)
            item["bytes"] = .binary(Array(bytes[start..<end]))
            items.append(item)
        }
        return items
    }

    private static func padded(_ number: Int, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}

extension StateMachine {
    var item: Item {
        var item = MachineFormat.key(MachineFormat.machines, name)
        item["identity"] = identity.map { .string($0) }
        item["kind"] = .string(kind.rawValue)
        item["created"] = .number(Number(createdMilliseconds))
        item["revision"] = .string(revision)
        item["published"] = published.map { .number(Number($0)) }
        item["last"] = .number(Number(lastVersion))
        item["publish"] = .bool(wasPublished)
        item["text"] = firstDescription.map { .string($0) }
        if isDeleting { item["deleting"] = true }
        return item
    }

    init?(_ item: Item) {
        guard let name = item["what"]?.stringValue, let revision = item["revision"]?.stringValue,
            let kind = item["kind"]?.stringValue.flatMap(ResolvedMachine.Kind.init(rawValue:)),
            let created = MachineFormat.number(item["created"]),
            let last = MachineFormat.number(item["last"])
        else { return nil }
        self.init(
            name: name,
            kind: kind,
            createdMilliseconds: created,
            identity: item["identity"]?.stringValue,
            revision: revision,
            published: MachineFormat.number(item["published"]).map(Int.init),
            lastVersion: Int(last),
            isDeleting: item["deleting"] == true,
            wasPublished: item["publish"]?.boolValue ?? false,
            firstDescription: item["text"]?.stringValue
        )
    }
}

extension MachineRevision {
    /// Its items: what is small, and then the pieces of the definition.
    func items(of machine: String) -> [Item] {
        let pieces = MachineFormat.pieces(of: settings.definition, machine, id)
        var item = MachineFormat.key(machine, MachineFormat.revision(id))
        item["identity"] = machineIdentity.map { .string($0) }
        item["first"] = .bool(isFirst)
        item["created"] = .number(Number(createdMilliseconds))
        item["role"] = .string(settings.roleARN)
        item["logging"] = .map(settings.logging)
        item["traced"] = .bool(settings.isTraced)
        item["pieces"] = .number(Number(pieces.count))
        return [item] + pieces
    }

    /// The revision of its items; nil where they are not whole.
    init?(_ item: Item, id: String, pieces: [Item]) {
        guard let created = MachineFormat.number(item["created"]),
            let role = item["role"]?.stringValue, let logging = item["logging"]?.mapValue,
            MachineFormat.number(item["pieces"]) == Int64(pieces.count)
        else { return nil }
        var definition: [UInt8] = []
        for piece in pieces { definition += piece["bytes"]?.binaryValue ?? [] }
        self.init(
            id: id,
            isFirst: item["first"]?.boolValue ?? false,
            createdMilliseconds: created,
            machineIdentity: item["identity"]?.stringValue,
            settings: MachineSettings(
                definition: String(decoding: definition, as: UTF8.self),
                roleARN: role,
                logging: logging,
                isTraced: item["traced"]?.boolValue ?? false
            )
        )
    }
}

extension MachineVersion {
    func item(of machine: String) -> Item {
        var item = MachineFormat.key(machine, MachineFormat.version(number))
        item["revision"] = .string(revision)
        item["created"] = .number(Number(createdMilliseconds))
        item["text"] = description.map { .string($0) }
        return item
    }

    init?(_ item: Item) {
        guard let what = item["what"]?.stringValue, what.hasPrefix(MachineFormat.versions),
            let number = Int(what.dropFirst(MachineFormat.versions.count)),
            let revision = item["revision"]?.stringValue,
            let created = MachineFormat.number(item["created"])
        else { return nil }
        self.init(
            number: number,
            revision: revision,
            description: item["text"]?.stringValue,
            createdMilliseconds: created
        )
    }
}

extension MachineAlias {
    func item(of machine: String) -> Item {
        var item = MachineFormat.key(machine, MachineFormat.alias(name))
        item["created"] = .number(Number(createdMilliseconds))
        item["updated"] = .number(Number(updatedMilliseconds))
        item["text"] = description.map { .string($0) }
        item["routes"] = .list(
            routes.map { .list([.number(Number($0.version)), .number(Number($0.weight))]) }
        )
        return item
    }

    init?(_ item: Item) {
        guard let what = item["what"]?.stringValue, what.hasPrefix(MachineFormat.aliases),
            let created = MachineFormat.number(item["created"]),
            let updated = MachineFormat.number(item["updated"]),
            let routes = item["routes"]?.listValue
        else { return nil }
        self.init(
            name: String(what.dropFirst(MachineFormat.aliases.count)),
            description: item["text"]?.stringValue,
            routes: routes.compactMap { route in
                let numbers = route.listValue?.compactMap(MachineFormat.number) ?? []
                guard numbers.count == 2 else { return nil }
                return Route(version: Int(numbers[0]), weight: Int(numbers[1]))
            },
            createdMilliseconds: created,
            updatedMilliseconds: updated
        )
    }
}
