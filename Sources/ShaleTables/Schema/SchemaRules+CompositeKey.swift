internal import ShaleItems

extension SchemaRules {
    /// The key of a global index: up to four attributes for its partition key, then up to four for its sort key.
    ///
    /// A key that could be a table's is checked as one, with its messages.
    static func checkCompositeKey(
        _ elements: [KeySchemaElement],
        _ definitions: [AttributeDefinition]
    ) throws(DatabaseError) -> CompositeKey {
        let roles = elements.map(\.role)
        let isUsual = elements.count < 2 || roles == [.partition, .sort]
        guard !isUsual, roles.first == .partition else {
            return CompositeKey(try checkKey(elements, definitions))
        }
        let partitionCount = roles.prefix { $0 == .partition }.count
        guard roles.dropFirst(partitionCount).allSatisfy({ $0 == .sort }) else {
            throw .validation(
                "Invalid KeySchema: All HASH key types must come before all RANGE key types"
            )
        }
        for (count, role) in [
            (partitionCount, KeySchemaElement.Role.partition),
            (elements.count - partitionCount, .sort),
        ] where count > TableLimits.attributesPerKeyPart {
            throw .validation(
                "Invalid KeySchema: An index key can have at most "
                    + "\(TableLimits.attributesPerKeyPart) attributes of the \(role.rawValue) key type, "
                    + "not \(count)"
            )
        }
        var attributes: [AttributeDefinition] = []
        for element in elements {
            let definition = definitions.first {
                TextOrder.areEqual($0.name, element.attributeName)
            }
            guard let definition else { throw undefined(elements, definitions) }
            guard !attributes.contains(definition) else {
                throw .validation(
                    "Invalid KeySchema: The attribute \(definition.name) stands in the key twice"
                )
            }
            attributes.append(definition)
        }
        return CompositeKey(
            partition: Array(attributes[..<partitionCount]),
            sort: Array(attributes[partitionCount...])
        )
    }
}
