/// An engine as the rows see it.
///
/// Every failure ends the process: a benchmark that fails has no result.
protocol Store: Sendable {
    associatedtype Session: StoreSession

    /// Every setting, for the output.
    static func settings(_ name: String, _ request: Request) -> String

    init(_ name: String, _ request: Request)

    /// One for each thread.
    func makeSession() -> Session

    /// Writes what is in memory to sorted files, and waits for work that the engine knows of.
    func settle()

    /// What the engine counted, for the output: name and number.
    var counted: [(name: String, value: Int)] { get }

    func close()
}

extension Store {
    /// Peers are asked for nothing.
    var counted: [(name: String, value: Int)] { [] }
}

/// What one thread does with an engine.
protocol StoreSession {
    mutating func put(_ key: borrowing KeyBuffer, _ value: UnsafeRawBufferPointer)
    mutating func addToBatch(_ key: borrowing KeyBuffer, _ value: UnsafeRawBufferPointer)
    mutating func commitBatch()
    /// The stamp of the key's value; nil if there is none.
    mutating func get(_ key: borrowing KeyBuffer) -> UInt64?
    /// Visits entries from `key` on inside its partition key, at most `limit`; answers how many.
    mutating func scan(_ key: borrowing KeyBuffer, limit: Int) -> Int
    /// Visits everything.
    mutating func scanAll() -> Int
    mutating func end()
}
