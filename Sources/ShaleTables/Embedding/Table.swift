public import ShaleEngine
public import ShaleItems

/// A table of a database, for the program that embeds it.
///
/// Cheap to copy; holds no state of its own.
///
/// Items are dictionary literals, or values of `Codable` types. Every call that changes something
/// takes an optional condition, in the expression language of DynamoDB, and throws
/// `.conditionalCheckFailed` when it does not hold. `names` and `values` are what `#name` and `:value`
/// in the expressions stand for.
public struct Table: Sendable {
    /// The database.
    public let database: Database
    /// The table's name.
    public let name: String

    init(_ database: Database, _ name: String) {
        self.database = database
        self.name = name
    }

    // MARK: Writes

    /// Puts an item in place of the one with its key, and answers that one.
    ///
    ///     try await songs.put(["Artist": "Nina Simone", "Title": "Sinnerman", "Year": 1965])
    ///
    /// - Parameters:
    ///   - item: At most 400 KB, with the table's key attributes.
    ///   - condition: What must hold for the item that is there, as `attribute_not_exists(Artist)`.
    ///   - names: What `#name` stands for.
    ///   - values: What `:value` stands for.
    ///   - durability: What the write survives; nil is the database's choice.
    /// - Returns: The item that was replaced; nil if there was none.
    /// - Throws: `.conditionalCheckFailed` with the item that is there, `.validation`,
    ///   `.resourceNotFound`, `.internalFailure`.
    /// - Complexity: O(log n) in the items of the table, for it and for each index.
    @discardableResult
    public func put(
        _ item: Item,
        condition: String? = nil,
        names: [String: String]? = nil,
        values: [String: AttributeValue]? = nil,
        durability: Durability? = nil
    ) async throws(DatabaseError) -> Item? {
        var options = Self.options(condition, names, values, durability)
        options.returnValues = .allOld
        let request = PutItemRequest(tableName: name, item: item, options: options)
        return try await database.putItem(request).attributes
    }

    /// Puts a value of a `Codable` type, whose properties become attributes.
    ///
    ///     try await songs.put(Song(artist: "Nina Simone", title: "Sinnerman"))
    ///
    /// - Throws: as `put(_:condition:names:values:durability:)`; `.validation` for a value that has no
    ///   attributes.
    @discardableResult
    public func put(
        _ value: some Encodable,
        condition: String? = nil,
        names: [String: String]? = nil,
        values: [String: AttributeValue]? = nil,
        durability: Durability? = nil
    ) async throws(DatabaseError) -> Item? {
        let item = try Self.item(of: value)
        return try await put(
            item,
            condition: condition,
            names: names,
            values: values,
            durability: durability
        )
    }

    /// Puts many items, each on its own, with one sync for every 25.
    ///
    /// - Throws: as `put`; then some may have been written. Doing it again does no harm. `.throughputExceeded` or
    ///   `.throttled` when the table has limits that are used up.
    public func put(
        contentsOf items: some Sequence<Item>,
        durability: Durability? = nil
    ) async throws(DatabaseError) {
        var writes: [BatchWrite] = []
        for item in items {
            writes.append(.put(item))
            guard writes.count == TableLimits.writesPerBatch else { continue }
            try await write(writes, durability)
            writes = []
        }
        if !writes.isEmpty { try await write(writes, durability) }
    }

    private func write(
        _ writes: [BatchWrite],
        _ durability: Durability?
    ) async throws(DatabaseError) {
        var request = BatchWriteItemRequest([(name, writes)])
        request.durability = durability
        // It ends: a batch of which nothing at all is done throws.
        while !request.requestItems.isEmpty {
            request.requestItems = try await database.batchWriteItem(request).unprocessedItems
        }
    }

    /// Changes an item, or makes it, and answers it as it is then.
    ///
    ///     try await songs.update(
    ///         ["Artist": "Nina Simone", "Title": "Sinnerman"],
    ///         "SET Plays = if_not_exists(Plays, :zero) + :one",
    ///         values: [":zero": 0, ":one": 1]
    ///     )
    ///
    /// - Parameters:
    ///   - key: The primary key, nothing else.
    ///   - update: `SET`, `REMOVE`, `ADD` and `DELETE` sections.
    ///   - names: What `#name` stands for.
    ///   - values: What `:value` stands for.
    ///   - condition: What must hold for the item that is there.
    ///   - durability: What the write survives; nil is the database's choice.
    /// - Returns: The item after the update.
    /// - Throws: as `put`.
    @discardableResult
    public func update(
        _ key: Item,
        _ update: String,
        names: [String: String]? = nil,
        values: [String: AttributeValue]? = nil,
        condition: String? = nil,
        durability: Durability? = nil
    ) async throws(DatabaseError) -> Item {
        var options = Self.options(condition, names, values, durability)
        options.returnValues = .allNew
        let request = UpdateItemRequest(
            tableName: name,
            key: key,
            update: update,
            options: options
        )
        return try await database.updateItem(request).attributes ?? key
    }

    /// Deletes an item, and answers it; nil if there was none.
    ///
    /// - Throws: as `put`.
    @discardableResult
    public func delete(
        _ key: Item,
        condition: String? = nil,
        names: [String: String]? = nil,
        values: [String: AttributeValue]? = nil,
        durability: Durability? = nil
    ) async throws(DatabaseError) -> Item? {
        var options = Self.options(condition, names, values, durability)
        options.returnValues = .allOld
        let request = DeleteItemRequest(tableName: name, key: key, options: options)
        return try await database.deleteItem(request).attributes
    }

    // MARK: Reads of one item

    /// The item with this primary key, or nil.
    ///
    /// - Throws: `.validation`, `.resourceNotFound`, `.internalFailure`.
    public func get(_ key: Item) async throws(DatabaseError) -> Item? {
        try await database.getItem(GetItemRequest(tableName: name, key: key)).item
    }

    /// The item with this primary key as a value of a `Codable` type, or nil.
    ///
    /// - Throws: as `get(_:)`; `.validation` for an item that is no such value.
    public func get<Value: Decodable>(
        _ type: Value.Type,
        _ key: Item
    ) async throws(DatabaseError) -> Value? {
        guard let item = try await get(key) else { return nil }
        return try Self.value(type, of: item)
    }

    // MARK: The table itself

    /// The table's schema, state and size.
    public var description: TableDescription {
        get throws(DatabaseError) { try database.describeTable(name) }
    }

    /// Deletes the table with all its items.
    public func drop() async throws(DatabaseError) {
        _ = try await database.deleteTable(name)
    }

    // MARK: Conversions

    private static func options(
        _ condition: String?,
        _ names: [String: String]?,
        _ values: [String: AttributeValue]?,
        _ durability: Durability?
    ) -> WriteOptions {
        var options = WriteOptions()
        options.condition = condition
        options.attributes = ExpressionAttributes(names: names, values: values)
        options.returnValuesOnConditionCheckFailure = .allOld
        options.durability = durability
        return options
    }

    private static func item(of value: some Encodable) throws(DatabaseError) -> Item {
        do throws(ItemError) {
            return try AttributeEncoder().encode(value)
        } catch {
            throw .validation(error.description)
        }
    }

    static func value<Value: Decodable>(
        _ type: Value.Type,
        of item: Item
    ) throws(DatabaseError) -> Value {
        do throws(ItemError) {
            return try AttributeDecoder().decode(type, from: item)
        } catch {
            throw .validation(error.description)
        }
    }
}
