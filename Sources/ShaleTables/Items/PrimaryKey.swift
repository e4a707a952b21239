internal import ShaleEngine
internal import ShaleItems

/// Primary keys: checked values in, the engine's bytes out.
///
/// The partition key of an entry is `KeyCoding` of the partition attribute, the sort key that of the
/// sort attribute or empty.
extension TableDefinition {
    /// The key attributes of a whole item, checked.
    func key(of item: Item) throws(DatabaseError) -> Item {
        do throws(ItemError) {
            return try item.key(key)
        } catch {
            throw .validation(error.message)
        }
    }

    /// A key that a request names: exactly the key attributes, checked.
    func checkedKey(_ given: Item) throws(DatabaseError) -> Item {
        guard fits(key: given) else { throw .keyMismatch }
        do throws(ItemError) {
            try given.checkKey(key)
            return given
        } catch {
            throw .validation(error.message)
        }
    }

    /// Whether these are the key attributes, each of its type.
    func fits(key given: Item) -> Bool {
        given.count == (key.sort == nil ? 1 : 2) && fits(keyOf: given)
    }

    /// Whether the item has the key attributes, each of its type.
    func fits(keyOf item: Item) -> Bool {
        has(item, key.partition) && (key.sort.map { has(item, $0) } ?? true)
    }

    private func has(_ item: Item, _ attribute: KeySchema.Attribute) -> Bool {
        item[attribute.name]?.type == attribute.type.attributeType
    }

    /// Where the item with these checked key attributes is.
    func entryKey(_ checked: Item) -> EntryKey {
        engineTable.key(
            partition: KeyBytes.of([key.partition], in: checked),
            sort: KeyBytes.of(key.sort.map { [$0] } ?? [], in: checked)
        )
    }
}

extension DatabaseError {
    static let keyMismatch = DatabaseError.validation(
        "The provided key element does not match the schema"
    )
}

extension TableVersion {
    /// Where the item with this key is, without a copy of it; nil where it is no key of the table, and
    /// `checkedKey` says why.
    func entryKey(ofKey given: Item) -> EntryKey? {
        guard let (bytes, sort) = keyBytes(of: given) else { return nil }
        return engineTable.key(partition: Array(bytes[..<sort]), sort: Array(bytes[sort...]))
    }

    /// Lends where the item with this key is; false where it is no key of the table.
    func withKey(
        of given: Item,
        _ body: (KeySpan) throws(EngineError) -> Void
    ) throws(EngineError) -> Bool {
        guard let (bytes, sort) = keyBytes(of: given) else { return false }
        // Safety: every bit pattern of a byte is a byte.
        let all = unsafe bytes.span.bytes
        try engineTable.withKey(
            partition: all.extracting(..<sort),
            sort: all.extracting(sort...),
            body
        )
        return true
    }

    /// The bytes of the partition key and behind them those of the sort key, and where these begin.
    @inline(__always)
    private func keyBytes(of given: Item) -> (bytes: [UInt8], sort: Int)? {
        guard given.count == (schema.sort == nil ? 1 : 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(64)
        guard
            KeyCoding.append(
                schema.partition,
                limit: ItemLimits.partitionKeySizeBytes,
                of: given,
                to: &bytes
            )
        else { return nil }
        let sort = bytes.count
        guard let attribute = schema.sort else { return (bytes, sort) }
        guard
            KeyCoding.append(attribute, limit: ItemLimits.sortKeySizeBytes, of: given, to: &bytes)
        else { return nil }
        return (bytes, sort)
    }
}

/// The bytes of key attributes whose types were checked before.
enum KeyBytes {
    /// The values of `attributes` one behind the other.
    static func of(_ attributes: [KeySchema.Attribute], in checked: Item) -> [UInt8] {
        var bytes: [UInt8] = []
        for attribute in attributes {
            guard let value = checked[attribute.name] else {
                preconditionFailure("the key attribute \(attribute.name) was checked to be there")
            }
            append(value, to: &bytes)
        }
        return bytes
    }

    static func of(_ checked: AttributeValue) -> [UInt8] {
        var bytes: [UInt8] = []
        append(checked, to: &bytes)
        return bytes
    }

    private static func append(_ value: AttributeValue, to bytes: inout [UInt8]) {
        do throws(ItemError) {
            try KeyCoding.append(value, to: &bytes)
        } catch {
            preconditionFailure("the type of a key attribute was checked: \(error)")
        }
    }
}
