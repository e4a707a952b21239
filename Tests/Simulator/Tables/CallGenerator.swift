internal import ShaleItems
internal import ShaleTables
internal import Simulation

/// Random items, calls and conditions of one client.
struct CallGenerator {
    let swarm: TableSwarm
    let client: Int
    let moments: Moments
    var random: SimulatedGenerator

    /// Whose an item is.
    enum Owner: Equatable {
        case client(Int)
        /// All clients use it.
        case all
        /// It expires within the history.
        case mortal
    }

    /// Who an item belongs to.
    static func owner(of key: Item, _ schema: KeySchema, _ swarm: TableSwarm) -> Owner? {
        guard let value = key[(schema.sort ?? schema.partition).name],
            let number = KeyValues.number(of: value)
        else { return nil }
        if number >= firstMortal { return .mortal }
        let client = number % (swarm.clients + 1)
        return client == swarm.clients ? .all : .client(client)
    }

    /// Keys from this number on are of items that expire.
    private static let firstMortal = KeyValues.count - 6

    mutating func oneIn(_ count: Int) -> Bool { random.oneIn(count) }
    mutating func below(_ count: Int) -> Int { random.below(count) }
    mutating func pick<Element>(_ list: [Element]) -> Element { list[random.below(list.count)] }
    mutating func percent(_ part: Int) -> Bool { random.below(100) < part }

    // MARK: Keys and items

    /// The key of an item of this client.
    mutating func ownKey(_ schema: TableSchema) -> ItemKey {
        key(schema, random.below(swarm.keysPerClient) * (swarm.clients + 1) + client)
    }

    /// The key of an item of all.
    mutating func sharedKey(_ schema: TableSchema) -> ItemKey {
        let number = random.below(swarm.sharedKeys) * (swarm.clients + 1) + swarm.clients
        return key(schema, number, partition: 0)
    }

    /// The key of an item that expires.
    mutating func mortalKey(_ schema: TableSchema) -> ItemKey {
        key(schema, KeyValues.count - 1 - random.below(KeyValues.count - Self.firstMortal))
    }

    private mutating func key(
        _ schema: TableSchema,
        _ number: Int,
        partition: Int? = nil
    ) -> ItemKey {
        var attributes = Item()
        let partitionType = schema.key.partition.type
        if let sort = schema.key.sort {
            let partition = partition ?? random.below(schema.partitions)
            attributes[schema.key.partition.name] = KeyValues.value(partitionType, partition)
            attributes[sort.name] = KeyValues.value(sort.type, number)
        } else {
            attributes[schema.key.partition.name] = KeyValues.value(partitionType, number)
        }
        return ItemKey(table: schema.name, attributes: attributes)
    }

    /// A value of an attribute that indexes may have as a key.
    mutating func indexValue(_ attribute: KeySchema.Attribute) -> AttributeValue {
        KeyValues.value(attribute.type, random.below(swarm.indexValues))
    }

    mutating func text() -> String {
        ["a", "ab", "abc", "é", "z\u{0}", ""][random.below(6)]
    }

    /// A whole item; no two are equal, but for those that repeat one.
    mutating func item(_ key: ItemKey, _ schema: TableSchema, isShared: Bool) -> Item {
        var item = key.attributes
        item["v"] = .number(Number(moments.next()))
        for attribute in schema.candidates where !random.oneIn(3) {
            item[attribute.name] = indexValue(attribute)
        }
        if random.oneIn(2) {
            item[TableSchema.loose] = KeyValues.value(.string, random.below(swarm.indexValues))
        }
        if random.oneIn(2) { item["n"] = .number(Number(random.below(9))) }
        if random.oneIn(2) { item["t"] = .string(text()) }
        if random.oneIn(2) { item["s"] = .stringSet(texts()) }
        if random.oneIn(2) { item["l"] = [.string(text()), .bool(random.oneIn(2)), .null] }
        if random.oneIn(2) { item["m"] = ["x": .number(Number(random.below(9))), "y": "1"] }
        // Far behind whatever a simulated clock comes to.
        if schema.hasExpiry, !random.oneIn(3) {
            item[TableSchema.until] = .number(Number(10_000_000_000 + random.below(4)))
        }
        if swarm.bodyLimit > 0, !isShared, random.oneIn(6) {
            let size = random.below(random.oneIn(4) ? swarm.bodyLimit : min(900, swarm.bodyLimit))
            item["body"] = .binary(body(size))
        }
        return item
    }

    private mutating func texts() -> [String] {
        let texts = ["a", "b", "é"].filter { _ in random.oneIn(2) }
        return texts.isEmpty ? ["b"] : texts
    }

    /// Half of it compresses.
    private mutating func body(_ size: Int) -> [UInt8] {
        let word = random.next()
        return (0..<size).map { index in
            let byte = UInt8(truncatingIfNeeded: word >> UInt64(index % 8 * 8))
            return index % 2 == 0 ? byte &+ UInt8(truncatingIfNeeded: index / 8) : 7
        }
    }

    /// Gives an attribute that is a key of an index a value that cannot be one.
    mutating func spoil(_ item: inout Item, _ schema: TableSchema) {
        let keyed = schema.indexes.flatMap(\.key.attributes).filter {
            !schema.key.attributes.contains($0)
        }
        let name = keyed.isEmpty || random.oneIn(2) ? TableSchema.loose : pick(keyed).name
        item[name] = random.oneIn(2) ? .bool(true) : ["not": "a key"]
        if name == TableSchema.loose, random.oneIn(3) { item[name] = .string("") }
    }

    // MARK: Calls

    /// A call on one item; `there` is what is known to be there.
    mutating func call(
        _ kind: TableSwarm.Call,
        _ key: ItemKey,
        _ schema: TableSchema,
        there: Item?,
        isShared: Bool
    ) -> ItemCall {
        var call = ItemCall(schema: schema, key: key, change: .get)
        call.isSynced = !percent(swarm.bufferedPercent)
        switch kind {
        case .put:
            var item = item(key, schema, isShared: isShared)
            if let there, random.oneIn(8) { item = there }
            if percent(swarm.wrongPercent) { spoil(&item, schema) }
            call.change = .put(item)
            call.returns = pick([.none, .none, .allOld])
        case .update:
            call.change = .update(steps(schema, isShared: isShared))
            call.returns = pick(ReturnValues.allCases)
        case .delete:
            call.change = .delete
            call.returns = pick([.none, .allOld])
        default: break
        }
        if call.isWrite, random.oneIn(3) {
            call.condition = condition(schema.candidates, there)
            call.returnsOnFailure = pick([.none, .allOld])
        }
        call.isEncoded =
            call.condition == nil && call.returns == .none && call.isSynced && random.oneIn(2)
        return call
    }

    private mutating func steps(_ schema: TableSchema, isShared: Bool) -> [UpdateStep] {
        var steps: [UpdateStep] = []
        if !random.oneIn(3) { steps.append(.set("v", .number(Number(moments.next())))) }
        for attribute in schema.candidates where random.oneIn(4) {
            steps.append(
                random.oneIn(3)
                    ? .remove(attribute.name) : .set(attribute.name, indexValue(attribute))
            )
        }
        if random.oneIn(3) { steps.append(pick([.increase("n", 2), .add("n", -1), .add("n", 3)])) }
        if random.oneIn(4) { steps.append(.setIfMissing("t", .string(text()))) }
        if random.oneIn(4) {
            steps.append(random.oneIn(2) ? .insert("s", texts()) : .subtract("s", texts()))
        }
        if random.oneIn(6) {
            steps.append(random.oneIn(3) ? .set("l", []) : .append("l", [.string(text())]))
        }
        if random.oneIn(6) {
            steps.append(
                random.oneIn(3)
                    ? .removeInMap("m", "x")
                    : .setInMap("m", "x", .number(Number(random.below(100))))
            )
        }
        if percent(swarm.wrongPercent) {
            let keyed = schema.indexes.flatMap(\.key.attributes).filter {
                !schema.key.attributes.contains($0)
            }
            let name = keyed.isEmpty || random.oneIn(2) ? TableSchema.loose : pick(keyed).name
            steps.removeAll { $0.name == name }
            steps.append(.set(name, .bool(false)))
        }
        return steps
    }

    // MARK: Conditions

    /// A condition on attributes that items have; `there` makes it hold about every second time.
    mutating func condition(
        _ attributes: [KeySchema.Attribute],
        _ there: Item?,
        among names: [String] = ["v", "n", "t", "s", "l"],
        depth: Int = 0
    ) -> ModelCondition {
        if depth < 2, random.oneIn(4) {
            let left = condition(attributes, there, among: names, depth: depth + 1)
            let right = condition(attributes, there, among: names, depth: depth + 1)
            return pick([.not(left), .both(left, right), .either(left, right)])
        }
        if !attributes.isEmpty, random.oneIn(2) { return keyCondition(pick(attributes), there) }
        let name = pick(names)
        switch name {
        case "n", "v":
            let number = AttributeValue.number(Number(random.below(9)))
            return pick([
                .less(name, number), .atLeast(name, number), .between(name, number, 9),
                .equals(name, there?[name] ?? number), .exists(name), .missing(name),
            ])
        case "t":
            let text = text()
            return pick([
                .equals(name, .string(text)), .begins(name, text.isEmpty ? "a" : text),
                .contains(name, text.isEmpty ? "b" : text), .hasType(name, .string),
            ])
        default:
            return pick([.contains(name, pick(["a", "b", "é"])), .exists(name), .missing(name)])
        }
    }

    private mutating func keyCondition(
        _ attribute: KeySchema.Attribute,
        _ there: Item?
    ) -> ModelCondition {
        let name = attribute.name
        let value = there?[name] ?? indexValue(attribute)
        let other = indexValue(attribute)
        let (low, high) = KeyValues.precedes(other, value) ? (other, value) : (value, other)
        return pick([
            .equals(name, value), .less(name, other), .atLeast(name, other),
            .between(name, low, high), .isOneOf(name, [value, other]), .exists(name),
            .missing(name), .hasType(name, attribute.type.attributeType),
        ])
    }
}
