internal import ShaleBytes

/// Where a scan begins and ends, and in which direction it goes; lent for its duration.
struct ScanBounds: Sendable {
    /// The first key that can be inside; empty is the beginning.
    var lower: LentBytes
    /// The first key behind the range; nil is the end.
    var upper: LentBytes?
    var direction: ScanDirection

    /// Whether every key inside begins with the hash of `lower`.
    ///
    /// False is no proof of the contrary.
    var isWithinOneHash: Bool {
        guard lower.count >= EntryKey.lengthOffset, let upper else { return false }
        let first = lower.digest(from: 0)
        let end = upper.digest(from: 0)
        return end == first || (end == first &+ 1 && upper.count <= EntryKey.lengthOffset)
    }

    /// The part that lies from `start` on and before `end` (nil: no bound); nil if there is none.
    func clipped(_ start: LentBytes, _ end: LentBytes?) -> ScanBounds? {
        var part = self
        if LentBytes.compare(lower, start) < 0 { part.lower = start }
        if let end {
            if let upper, LentBytes.compare(upper, end) <= 0 {
                part.upper = upper
            } else {
                part.upper = end
            }
        }
        if let upper = part.upper, LentBytes.compare(part.lower, upper) >= 0 { return nil }
        return part
    }
}

/// The bounds of a range in memory of their own, so that they can be lent for as long as this lives.
struct OwnedBounds: ~Copyable, Sendable {
    private let lowerBytes: KeyBuffer
    private let upperBytes: KeyBuffer
    private let hasUpper: Bool

    init(lower: [UInt8], upper: [UInt8]?) {
        lowerBytes = KeyBuffer(copying: lower)
        upperBytes = KeyBuffer(copying: upper ?? [])
        hasUpper = upper != nil
    }

    var lower: LentBytes { lowerBytes.lent }
    var upper: LentBytes? { hasUpper ? upperBytes.lent : nil }

    func lent(_ direction: ScanDirection) -> ScanBounds {
        ScanBounds(lower: lower, upper: upper, direction: direction)
    }
}

extension EntryRange {
    /// Lends the bounds for the duration of `body`.
    func withBounds<Answer>(
        _ direction: ScanDirection,
        _ body: (ScanBounds) throws(EngineError) -> Answer
    ) throws(EngineError) -> Answer {
        try lower.withLentBytes { lower throws(EngineError) in
            guard let upper else {
                return try body(ScanBounds(lower: lower, upper: nil, direction: direction))
            }
            return try upper.withLentBytes { upper throws(EngineError) in
                try body(ScanBounds(lower: lower, upper: upper, direction: direction))
            }
        }
    }
}
