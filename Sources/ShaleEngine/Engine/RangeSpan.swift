internal import ShaleBytes

/// A range of stored keys, lent for the duration of one call: for those who count nanoseconds.
///
/// Valid only inside the closure that it was handed to.
public struct RangeSpan: Sendable {
    let lower: LentBytes
    /// Nil is the end.
    let upper: LentBytes?
}

extension EngineTable {
    /// Lends the range of the entries of partition key `partition` from sort key `sort` on, put together
    /// on the stack.
    ///
    /// Bounds are as of `range(partition:from:to:)`.
    /// - Complexity: O(length of the key), without allocation for keys of common sizes.
    public func withRange(
        partition: RawSpan,
        from sort: RawSpan,
        _ body: (RangeSpan) throws(EngineError) -> Void
    ) throws(EngineError) {
        try withKey(partition: partition, sort: sort) { key throws(EngineError) in
            let lower = key.bytes
            // The successor of the prefix: its last byte that can be greater is, and the rest is left out.
            var size = EntryKey.partitionOffset + partition.byteCount
            while size > 0, lower[size - 1] == .max { size -= 1 }
            guard size > 0 else { return try body(RangeSpan(lower: lower, upper: nil)) }
            try Scratch.with(capacity: size) { upper throws(EngineError) in
                upper.append(lower[0..<(size - 1)].span)
                upper.append(bigEndian: lower[size - 1] + 1)
                try body(RangeSpan(lower: lower, upper: upper.lent))
            }
        }
    }
}

extension ReadView {
    /// Visits the entries of a lent range, with keys and values lent for the duration of each call of
    /// `visit`: nothing is copied, and nothing is allocated while what is read is in one sorted run.
    public func scanSpans(
        _ table: TableID,
        _ range: RangeSpan,
        _ direction: ScanDirection = .ascending,
        _ visit: (_ key: RawSpan, _ value: RawSpan) throws(EngineError) -> ScanStep
    ) throws(EngineError) {
        let bounds = ScanBounds(lower: range.lower, upper: range.upper, direction: direction)
        try scan(table, bounds) { key, value throws(EngineError) in
            try visit(key.span, value.span)
        }
    }
}
