internal import ShaleBytes

/// The stored key of an entry, lent for the duration of one call: for those who count nanoseconds.
///
/// Valid only inside the closure that it was handed to.
public struct KeySpan: Sendable {
    let bytes: LentBytes
}

extension EngineTable {
    /// Lends the key of the entry `sort` under partition key `partition`, put together on the stack.
    ///
    /// Bounds are as of `key(partition:sort:)`.
    /// - Complexity: O(length of the key), without allocation for keys of common sizes.
    @inlinable
    public func withKey<Answer, Failure: Error>(
        partition: RawSpan,
        sort: RawSpan,
        _ body: (KeySpan) throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        var result: Result<Answer, Failure>?
        lendKey(partition: partition, sort: sort) { key in
            do throws(Failure) {
                result = .success(try body(key))
            } catch {
                result = .failure(error)
            }
        }
        guard let result else { preconditionFailure("the key was lent once") }
        return try result.get()
    }

    /// `withKey` without generics: what cannot be inlined into another module is called, not
    /// instantiated.
    @usableFromInline
    func lendKey(partition: RawSpan, sort: RawSpan, _ body: (KeySpan) -> Void) {
        let size = EntryKey.partitionOffset + partition.byteCount + sort.byteCount
        let hash = Hash.xxh3(partition, seed: hashSeed)
        Scratch.with(capacity: size) { scratch in
            scratch.append(bigEndian: hash)
            scratch.append(bigEndian: UInt16(clamping: partition.byteCount))
            scratch.append(partition)
            scratch.append(sort)
            body(KeySpan(bytes: scratch.lent))
        }
    }
}

extension ReadView {
    /// Lends the value of a key without copying it; nil if there is none.
    @inlinable
    public func withValue<Answer>(
        _ table: TableID,
        _ key: KeySpan,
        _ body: (RawSpan) throws(EngineError) -> Answer
    ) throws(EngineError) -> Answer? {
        var answer: Answer?
        try lendValue(table, key) { value throws(EngineError) in answer = try body(value) }
        return answer
    }

    /// `withValue` without generics.
    @usableFromInline
    func lendValue(
        _ table: TableID,
        _ key: KeySpan,
        _ body: (RawSpan) throws(EngineError) -> Void
    ) throws(EngineError) {
        _ = try withLentValue(table, key.bytes) { value throws(EngineError) in
            try body(value.span)
        }
    }
}

extension Engine {
    /// Lends the newest visible value of a key on one consistent view; blocks where it needs the disk.
    ///
    /// Nil if there is none.
    @inlinable
    public func withValueBlocking<Answer>(
        _ table: TableID,
        _ key: KeySpan,
        _ body: (RawSpan) throws(EngineError) -> Answer
    ) throws(EngineError) -> Answer? {
        var answer: Answer?
        try lendValueBlocking(table, key) { value throws(EngineError) in answer = try body(value) }
        return answer
    }

    @usableFromInline
    func lendValueBlocking(
        _ table: TableID,
        _ key: KeySpan,
        _ body: (RawSpan) throws(EngineError) -> Void
    ) throws(EngineError) {
        try readBlocking { view throws(EngineError) in
            _ = try view.withLentValue(table, key.bytes) { value throws(EngineError) in
                try body(value.span)
            }
        }
    }

    /// As `withValueBlocking`, but only as far as memory goes: without waiting, for tasks and event loops.
    /// - Returns: false if the disk is needed; then `body` was not called.
    public func lendValueInMemory(
        _ table: TableID,
        _ key: KeySpan,
        _ body: (RawSpan) throws(EngineError) -> Void
    ) throws(EngineError) -> Bool {
        do throws(EngineError) {
            try readInMemory { view throws(EngineError) in
                _ = try view.withLentValue(table, key.bytes) { value throws(EngineError) in
                    try body(value.span)
                }
            }
            return true
        } catch {
            guard error.code == .wouldBlock else { throw error }
            return false
        }
    }
}
