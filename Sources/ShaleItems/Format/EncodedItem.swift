/// An item still in its bytes: attributes are decoded when asked for.
public struct EncodedItem: Sendable, Hashable {
    /// The bytes that `ItemFormat` draws; only checked as far as they are read.
    public let bytes: [UInt8]

    /// Wraps bytes that were encoded before.
    public init(bytes: [UInt8]) { self.bytes = bytes }

    /// Encodes an item.
    /// - Throws: `nestingTooDeep`.
    public init(_ item: Item) throws(ItemError) { bytes = try ItemEncoder.encode(item) }

    /// The whole item.
    /// - Throws: `malformedItem` with the offset.
    public func decode() throws(ItemError) -> Item { try ItemDecoder.decode(bytes.span) }

    /// One top-level attribute, without decoding the rest.
    /// - Throws: `malformedItem` with the offset, as far as the bytes were read.
    public func attribute(named name: String) throws(ItemError) -> AttributeValue? {
        try ItemDecoder.attribute(named: name, in: bytes.span)
    }
}
