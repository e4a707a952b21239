internal import ShaleEngine
public import ShaleItems

/// A place where a secondary index is not what the items of its table imply.
public struct IndexDifference: Sendable, Equatable, CustomStringConvertible {
    /// The kinds.
    public enum Kind: String, Sendable {
        /// An item has no entry where it should.
        case missing
        /// An entry holds other attributes than its item.
        case different
        /// An entry has no item, or its item implies another entry.
        case unexpected
    }

    /// The kind.
    public var kind: Kind
    /// The index.
    public var indexName: String
    /// Primary key of the item, and for an entry its index key: as far as it can be read.
    public var key: Item

    /// "missing in ByYear: [("Artist", …)]".
    public var description: String {
        "\(kind.rawValue) in \(indexName): \(key.map { "\($0.name) = \($0.value)" })"
    }
}

/// What `Database.verifyIndexes` found.
public struct IndexVerification: Sendable, Equatable {
    /// Items of the table.
    public var items = 0
    /// Entries of all its indexes.
    public var entries = 0
    /// What is wrong; empty when all is well.
    public var differences: [IndexDifference] = []
}

extension Database {
    /// Compares the indexes of a table with its items, both ways, and what is remembered of when they expire.
    ///
    /// Every item is looked up in every index and every entry in the table, each pair in one view of
    /// the database; so the answer is exact also while others write.
    /// - Parameters:
    ///   - tableName: The table.
    ///   - limit: After how many differences to stop.
    /// - Returns: What was compared, and what differs.
    /// - Throws: `.resourceNotFound`, `.internalFailure`.
    /// - Complexity: One point read for each item and index, and one for each entry.
    public func verifyIndexes(
        _ tableName: String,
        limit: Int = 1000
    ) async throws(DatabaseError) -> IndexVerification {
        let table = try describedTable(tableName).definition
        var answer = IndexVerification()
        let check = IndexCheck(table: table)
        do throws(EngineError) {
            var items = TableWalk(table.engineTable)
            while answer.differences.count < limit,
                let step = try await items.next(engine, check.compareItems)
            {
                answer.items += step.count
                answer.differences += step.differences
            }
            for index in table.indexes {
                var entries = TableWalk(index.engineTable)
                while answer.differences.count < limit,
                    let step = try await entries.next(
                        engine,
                        { view, entries throws(EngineError) in
                            try check.compareEntries(of: index, view, entries)
                        }
                    )
                {
                    answer.entries += step.count
                    answer.differences += step.differences
                }
            }
            try await verifyExpiry(table, limit: limit, &answer)
        } catch {
            throw DatabaseError(error)
        }
        answer.differences = Array(answer.differences.prefix(limit))
        return answer
    }
}

/// Compares items and entries of one view.
private struct IndexCheck: Sendable {
    let table: TableDefinition

    /// Every item must have its entry, with its attributes, in every index.
    @Sendable func compareItems(
        _ view: ReadView,
        _ items: [(key: [UInt8], value: [UInt8])]
    ) throws(EngineError) -> VerificationStep {
        var step = VerificationStep(count: items.count)
        for stored in items {
            let item = try table.decode(stored.value)
            for index in table.indexes where !index.isBackfilling {
                guard let entry = index.entry(of: item, table.key) else { continue }
                let held = try view.get(index.engineTable.id, entry.key)
                let kind: IndexDifference.Kind
                switch try held.map({ (bytes) throws(EngineError) in try table.decode(bytes) }) {
                case nil: kind = .missing
                case .some(let held) where held != entry.item: kind = .different
                default: continue
                }
                step.differences.append(
                    IndexDifference(kind: kind, indexName: index.name, key: keys(of: item, index))
                )
            }
        }
        return step
    }

    /// Every entry must be the one that its item implies.
    func compareEntries(
        of index: IndexDefinition,
        _ view: ReadView,
        _ entries: [(key: [UInt8], value: [UInt8])]
    ) throws(EngineError) -> VerificationStep {
        var step = VerificationStep(count: entries.count)
        for stored in entries {
            let held = try table.decode(stored.value)
            if try implied(held, index, view)?.bytes == stored.key { continue }
            step.differences.append(
                IndexDifference(
                    kind: .unexpected,
                    indexName: index.name,
                    key: keys(of: held, index)
                )
            )
        }
        return step
    }

    /// The key of the entry that the item of an entry implies, if there is one.
    private func implied(
        _ held: Item,
        _ index: IndexDefinition,
        _ view: ReadView
    ) throws(EngineError) -> EntryKey? {
        let key: Item
        do throws(ItemError) {
            key = try held.key(table.key)
        } catch {
            return nil
        }
        guard let bytes = try view.get(table.engineTable.id, table.entryKey(key)) else {
            return nil
        }
        return index.entry(of: try table.decode(bytes), table.key)?.key
    }

    private func keys(of item: Item, _ index: IndexDefinition) -> Item {
        Item(
            (table.key.attributes + index.attributes).compactMap { attribute in
                item[attribute.name].map { (attribute.name, $0) }
            }
        )
    }
}

/// What the comparison of some items or entries found.
struct VerificationStep: Sendable {
    var count: Int
    var differences: [IndexDifference] = []
}

extension TableDefinition {
    /// An item of the table, or what an index holds of one.
    func decode(_ bytes: [UInt8]) throws(EngineError) -> Item {
        do throws(ItemError) {
            return try ItemDecoder.decode(bytes)
        } catch {
            throw EngineError(.corrupted, "item of \(name): \(error.description)")
        }
    }
}
