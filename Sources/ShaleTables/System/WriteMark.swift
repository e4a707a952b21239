internal import ShaleEngine
internal import ShaleExpressions
internal import ShaleItems

/// Makes a write happen once that a layer above asks for twice, when a crash leaves it in doubt whether it has happened.
///
///     $write-marks   identity     S   what the write is known by; the key
///                    attributes   M   what it answered; absent where that was nothing
///
/// The mark is written in the write's own record. A write of the same identity does nothing then and answers what
/// the first did. Whoever has noted the answer deletes the mark.
package struct WriteMark: Sendable {
    /// The mark that writes of this task leave; only one write of a task may.
    @TaskLocal package static var current: WriteMark?

    let table: SystemTable
    let identity: String

    /// A mark of an identity.
    package init(_ identity: String, in table: SystemTable) {
        self.identity = identity
        self.table = table
    }

    /// The table of marks; makes it where it is not there.
    ///
    /// - Throws: `.internalFailure`.
    package static func table(_ database: Database) async throws(DatabaseError) -> SystemTable {
        try await database.systemTable(
            "$write-marks",
            key: KeySchema(partition: KeySchema.Attribute("identity", .string))
        )
    }

    /// Deletes the mark of an identity.
    package static func delete(
        _ identity: String,
        from table: SystemTable,
        in writes: inout SystemWrites
    ) {
        writes.delete(["identity": .string(identity)], from: table)
    }

    private var definition: TableDefinition { table.live.definition }
    private var key: Item { ["identity": .string(identity)] }

    /// What a write of the mark owns besides its item.
    var owned: OwnedKey { OwnedKey(definition.engineTable.id, definition.entryKey(key)) }

    /// What a write answered that has happened; nil where none has.
    func answer(_ view: ReadView) throws(EngineError) -> Item?? {
        let entryKey = definition.entryKey(key)
        guard let bytes = try view.get(definition.engineTable.id, entryKey) else { return nil }
        do throws(DatabaseError) {
            return .some(try StoredItem.decode(bytes)["attributes"]?.mapValue)
        } catch {
            throw error.engine ?? EngineError(.corrupted, error.message)
        }
    }

    /// The mark itself, for the batch of its write.
    func decide(
        _ attributes: Item?,
        _ view: ReadView
    ) throws(EngineError) -> ItemWrite.Decision {
        var item = key
        if let attributes { item["attributes"] = .map(attributes) }
        let write: ItemWrite
        do throws(DatabaseError) {
            write = try .put(item, table.live.version)
        } catch {
            // An answer of nearly 400 KB, which no item can hold with anything around it: a repetition answers nothing.
            guard attributes != nil else { return (WriteBatch(), .failure(error)) }
            return try decide(nil, view)
        }
        return try write.decide(view)
    }

    /// Counts the mark in its table.
    func count(_ tallies: [(table: TableID, change: Tally)]) throws(DatabaseError) {
        let version = try table.live.enter()
        table.live.leave(version, tallies)
    }
}
