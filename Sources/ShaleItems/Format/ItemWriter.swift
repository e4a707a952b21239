/// An item that was written as bytes, attribute by attribute: no `Item` was made of it.
package struct WrittenItem: Sendable {
    /// As `ItemFormat` draws them.
    package let bytes: [UInt8]
    /// What `Item.sizeBytes` of it is.
    package let sizeBytes: Int
}

/// Writes the items of a layer's own tables: the layer knows which attributes there are.
///
///     var item = ItemWriter()
///     item.set("execution", key)
///     item.set("start", now)
///     writes.put(item.finished(), in: table)
///
/// What is nil is no attribute. Names in ascending order (of their UTF-8) are written once; others are brought into it
/// at the end.
package struct ItemWriter: ~Copyable {
    private var builder: ItemBuilder
    private var item: ItemBuilder.Container

    /// An item without attributes yet.
    package init(reservingCapacity capacity: Int = 256) {
        builder = ItemBuilder(reservingCapacity: capacity)
        item = builder.beginItem()
    }

    /// A text.
    package mutating func set(_ name: String, _ text: String?) {
        guard let text else { return }
        begin(name)
        builder.string(text.utf8Span.span)
    }

    /// An integer.
    package mutating func set(_ name: String, _ number: Int64?) {
        guard let number else { return }
        begin(name)
        builder.number(Number(number))
    }

    /// True or false.
    package mutating func set(_ name: String, _ flag: Bool) {
        begin(name)
        builder.bool(flag)
    }

    /// Bytes.
    package mutating func set(_ name: String, _ bytes: [UInt8]?) {
        guard let bytes else { return }
        begin(name)
        builder.binary(bytes.span)
    }

    /// Any value.
    ///
    /// - Precondition: It may be stored: no empty set in it, and not nested too deep.
    package mutating func set(_ name: String, _ value: AttributeValue?) {
        guard let value else { return }
        begin(name)
        builder.value(value)
    }

    /// The bytes.
    ///
    /// - Precondition: No name came twice.
    package consuming func finished() -> WrittenItem {
        let isOrdered = builder.endItem(item)
        precondition(isOrdered, "an attribute is set once")
        return WrittenItem(bytes: builder.bytes, sizeBytes: builder.sizeBytes)
    }

    private mutating func begin(_ name: String) {
        let isName = builder.name(name.utf8Span.span, in: &item)
        precondition(isName, "a name has 1 to 65,535 bytes")
    }
}
