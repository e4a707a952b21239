public import ShaleItems

/// What one write did to one item, as a stream keeps it.
public struct ChangeRecord: Sendable, Equatable {
    /// What happened; the raw value is the service's name.
    public enum Event: String, Sendable, CaseIterable {
        /// The item was made.
        case insert = "INSERT"
        /// The item was changed.
        case modify = "MODIFY"
        /// The item was deleted.
        case remove = "REMOVE"
    }

    /// Where it stands in the stream.
    public var sequence: StreamSequence
    /// When it was written: milliseconds since 1970-01-01 UTC.
    public var milliseconds: Int64
    /// What happened.
    public var event: Event
    /// What the stream keeps of items.
    public var viewType: StreamSpecification.ViewType
    /// The primary key.
    public var keys: Item
    /// The item after the change, where the stream keeps it and there is one.
    public var newImage: Item?
    /// The item before the change, where the stream keeps it and there was one.
    public var oldImage: Item?
    /// Whether the service deleted the item because it had expired.
    public var isExpiry: Bool

    /// Bytes of keys and images, as sizes of items are counted.
    public var sizeBytes: Int {
        keys.sizeBytes + (newImage?.sizeBytes ?? 0) + (oldImage?.sizeBytes ?? 0)
    }
}
