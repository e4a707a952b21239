/// Objects by key: where exports go and imports come from.
///
/// A key is a path with `/` between its parts. An object is put whole and appears at once, or not at all. All calls block.
public protocol Bucket: Sendable {
    /// Puts an object in the place of one with its key, if there is one; durable when this answers.
    func put(_ key: String, _ bytes: [UInt8]) throws(BucketError)
    /// Bytes of an object.
    func sizeBytes(of key: String) throws(BucketError) -> Int
    /// Some of an object's bytes; fewer only where it ends.
    func read(_ key: String, at offset: Int, count: Int) throws(BucketError) -> [UInt8]
    /// All keys that begin with `prefix`, in the order of their bytes.
    func list(prefix: String) throws(BucketError) -> [String]
    /// Deletes an object; one that is not there is no error.
    func delete(_ key: String) throws(BucketError)
    /// Takes away what puts of an object have left that a crash has cut off; nobody may be putting it now.
    ///
    /// It is not listed, but it takes space.
    func discardPartial(_ key: String) throws(BucketError)
}

/// What went wrong with an object.
public struct BucketError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds that callers tell apart.
    public enum Code: Sendable, Equatable {
        /// No object can have this key.
        case invalidKey
        /// There is no such object.
        case notFound
        /// There is no space.
        case noSpace
        /// A call of the storage failed.
        case failed
    }

    /// The kind.
    public var code: Code
    /// The key.
    public var key: String
    /// Why, in words.
    public var reason: String

    /// Makes an error.
    public init(_ code: Code, _ key: String, _ reason: String) {
        self.code = code
        self.key = key
        self.reason = reason
    }

    /// "data/a.json: no such object".
    public var description: String { "\(key): \(reason)" }
}
