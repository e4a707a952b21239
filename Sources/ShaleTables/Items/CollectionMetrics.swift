internal import ShaleEngine
internal import ShaleItems

// The sizes of item collections, for who asks with a write.

extension Database {
    private static let gigabyte = 1_000_000_000.0

    /// How large the item collections of some items are: one for each partition key, in the order in which they come.
    ///
    /// Nothing where the table has no local index, as the service has it. What is not yet in runs does not count.
    func collectionMetrics(
        of table: TableDefinition,
        _ keys: [Item]
    ) async throws(DatabaseError) -> [ItemCollectionMetrics] {
        let local = table.localIndexes
        guard !local.isEmpty else { return [] }
        let name = table.key.partition.name
        var collections: [Item] = []
        for key in keys {
            let collection: Item = [name: key[name] ?? .null]
            if !collections.contains(collection) { collections.append(collection) }
        }
        let distinct = collections
        let sizes: [Int]
        do throws(EngineError) {
            sizes = try await engine.read { view throws(EngineError) in
                var sizes: [Int] = []
                for collection in distinct {
                    let bytes = KeyBytes.of([table.key.partition], in: collection)
                    var size = 0
                    for engineTable in [table.engineTable] + local.map(\.engineTable) {
                        size += try view.estimatedBytes(
                            engineTable.id,
                            engineTable.range(partition: bytes)
                        )
                    }
                    sizes.append(size)
                }
                return sizes
            }
        } catch {
            throw DatabaseError(error)
        }
        return zip(collections, sizes).map { collection, size in
            let lower = (Double(size) / Self.gigabyte).rounded(.down)
            return ItemCollectionMetrics(
                itemCollectionKey: collection,
                sizeEstimateRangeGB: lower...(lower + 1)
            )
        }
    }
}
