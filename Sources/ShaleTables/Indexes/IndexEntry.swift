internal import ShaleEngine
internal import ShaleExpressions
internal import ShaleItems

/// What an item puts into one secondary index.
///
///     partition key   KeyCoding of the index's partition attributes
///     sort key        KeyCoding of the index's sort attributes, then of the primary key's attributes
///     value           the projected item, as ItemFormat draws it
///
/// An item without all of the index's key attributes is not in the index. Nor is one whose attributes
/// have other types or sizes than a key may have: it can only be older than the index.
struct IndexEntry: Sendable {
    var key: EntryKey
    /// The attributes that the index holds.
    var item: Item
}

extension IndexDefinition {
    /// The entry of an item of the table with primary key `primary`, or nil if it has none.
    func entry(of item: Item, _ primary: KeySchema) -> IndexEntry? {
        for attribute in attributes where violation(of: attribute, in: item) != nil { return nil }
        guard attributes.allSatisfy({ item.contains(name: $0.name) }) else { return nil }
        return IndexEntry(key: entryKey(of: item, primary), item: projected(item, primary))
    }

    /// Where the entry of an item is that has all key attributes.
    func entryKey(of checked: Item, _ primary: KeySchema) -> EntryKey {
        engineTable.key(
            partition: KeyBytes.of(partition, in: checked),
            sort: KeyBytes.of(sort + primary.attributes, in: checked)
        )
    }

    /// The attributes of an item that the index holds.
    func projected(_ item: Item, _ primary: KeySchema) -> Item {
        guard projection.kind != .all else { return item }
        var kept = Item()
        for attribute in item where holds(attribute.name, primary) {
            kept[attribute.name] = attribute.value
        }
        return kept
    }

    /// How a key attribute of the index cannot be one.
    enum Violation {
        case type, empty, tooLarge
    }

    /// What is wrong with an attribute of an item as a key; nil also when the item does not have it.
    func violation(of attribute: KeySchema.Attribute, in item: Item) -> Violation? {
        guard let value = item[attribute.name] else { return nil }
        guard value.type == attribute.type.attributeType else { return .type }
        guard value.type != .number else { return nil }
        if value.sizeBytes == 0 { return .empty }
        let limit =
            partition.contains(attribute)
            ? ItemLimits.partitionKeySizeBytes : ItemLimits.sortKeySizeBytes
        return value.sizeBytes > limit ? .tooLarge : nil
    }
}

extension TableDefinition {
    /// Refuses an item whose attributes cannot be keys of the indexes.
    func checkIndexKeys(of item: Item) throws(DatabaseError) {
        for index in indexes {
            for attribute in index.attributes {
                guard let violation = index.violation(of: attribute, in: item) else { continue }
                throw refusal(violation, attribute, index, item)
            }
        }
    }

    /// Whether each attribute that is a key of an index is of its type, where the item has it.
    func fits(indexKeysOf item: Item) -> Bool {
        indexes.allSatisfy { index in
            index.attributes.allSatisfy { index.violation(of: $0, in: item) != .type }
        }
    }

    /// Refuses an update that gives a key of an index an empty value.
    func checkIndexKeys(of update: Update?) throws(DatabaseError) {
        guard let update else { return }
        for index in indexes {
            for attribute in index.attributes {
                guard let value = update.literal(of: attribute.name),
                    value.type == .string || value.type == .binary, value.sizeBytes == 0
                else { continue }
                throw .validation(
                    "One or more parameter values are not valid. The update expression attempted "
                        + "to update a secondary index key to a value that is not supported. The "
                        + "AttributeValue for a key attribute cannot contain an empty "
                        + "\(value.type == .string ? "string" : "binary") value."
                )
            }
        }
    }

    private func refusal(
        _ violation: IndexDefinition.Violation,
        _ attribute: KeySchema.Attribute,
        _ index: IndexDefinition,
        _ item: Item
    ) -> DatabaseError {
        let actual = item[attribute.name]?.type ?? .null
        switch violation {
        case .type:
            return .invalidParameters(
                "Type mismatch for Index Key \(attribute.name) Expected: "
                    + "\(attribute.type.rawValue) Actual: \(actual.rawValue) IndexName: "
                    + index.name
            )
        case .empty:
            return .validation(
                "One or more parameter values are not valid. A value specified for a secondary "
                    + "index key is not supported. The AttributeValue for a key attribute cannot "
                    + "contain an empty \(actual == .string ? "string" : "binary") value. "
                    + "IndexName: \(index.name), IndexKey: \(attribute.name)"
            )
        case .tooLarge:
            return index.partition.contains(attribute)
                ? .invalidParameters(
                    "Size of hashkey has exceeded the maximum size limit of"
                        + "\(ItemLimits.partitionKeySizeBytes) bytes"
                )
                : .invalidParameters(
                    "Aggregated size of all range keys has exceeded the size limit of "
                        + "\(ItemLimits.sortKeySizeBytes) bytes"
                )
        }
    }
}
