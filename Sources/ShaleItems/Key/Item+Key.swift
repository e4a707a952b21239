/// The key of an item under a schema, checked.
extension Item {
    /// The key attributes alone, after checking that they are there, of their types and sizes.
    /// - Throws: `keyMissing`, `keyTypeMismatch`, `keyEmpty` or `keyTooLarge`.
    public func key(_ schema: KeySchema) throws(ItemError) -> Item {
        var key = Item()
        key[schema.partition.name] = try keyValue(
            schema.partition,
            limit: ItemLimits.partitionKeySizeBytes,
            isPartition: true
        )
        if let sort = schema.sort {
            key[sort.name] = try keyValue(
                sort,
                limit: ItemLimits.sortKeySizeBytes,
                isPartition: false
            )
        }
        return key
    }

    /// Checks what `key` does.
    ///
    /// - Throws: as `key`.
    public func checkKey(_ schema: KeySchema) throws(ItemError) {
        _ = try keyValue(
            schema.partition,
            limit: ItemLimits.partitionKeySizeBytes,
            isPartition: true
        )
        guard let sort = schema.sort else { return }
        _ = try keyValue(sort, limit: ItemLimits.sortKeySizeBytes, isPartition: false)
    }

    private func keyValue(
        _ attribute: KeySchema.Attribute,
        limit: Int,
        isPartition: Bool
    ) throws(ItemError) -> AttributeValue {
        let invalid = "One or more parameter values were invalid: "
        guard let value = self[attribute.name] else {
            throw ItemError(
                .keyMissing,
                path: attribute.name,
                invalid + "Missing the key \(attribute.name) in the item"
            )
        }
        guard value.type == attribute.type.attributeType else {
            throw ItemError(
                .keyTypeMismatch,
                path: attribute.name,
                invalid + "Type mismatch for key \(attribute.name) expected: "
                    + "\(attribute.type.rawValue) actual: \(value.type.rawValue)"
            )
        }
        guard value.type == .number || value.sizeBytes > 0 else {
            throw ItemError(
                .keyEmpty,
                path: attribute.name,
                "One or more parameter values are not valid. The AttributeValue for a key attribute "
                    + "cannot contain an empty \(value.type == .string ? "string" : "binary") value. Key: \(attribute.name)"
            )
        }
        guard value.type == .number || value.sizeBytes <= limit else {
            throw ItemError(
                .keyTooLarge,
                path: attribute.name,
                isPartition
                    ? invalid
                        + "Size of hashkey has exceeded the maximum size limit of\(limit) bytes"
                    : invalid + "Aggregated size of all range keys has exceeded the size limit of "
                        + "\(limit) bytes"
            )
        }
        return value
    }
}
