internal import ShaleCapacity
internal import ShaleEngine
internal import ShaleExpressions
internal import ShaleItems

extension Database {
    /// Reads one page of the items of one partition key, in the order of their sort keys.
    ///
    /// Reads only what the key condition names. Global indexes are as new as their table: an entry is
    /// written with its item.
    /// - Throws: `.validation`, `.resourceNotFound`, `.throughputExceeded`, `.throttled`, `.internalFailure`.
    /// - Complexity: O(log n) to find the place, then O(items read).
    public func query(
        _ request: QueryRequest
    ) async throws(DatabaseError) -> PageResponse {
        try await query(request, into: nil)
    }

    /// The same, where `sink` takes whole items in their stored bytes.
    package func query(
        _ request: QueryRequest,
        into sink: ItemSink?
    ) async throws(DatabaseError) -> PageResponse {
        let options = request.options
        let limit = try options.checkedLimit()
        try Selection.check(options)
        var reader = try ExpressionReader(options.attributes)
        let filter = try reader.condition(options.filter, as: .filter) ?? options.legacyFilter
        let projection = try reader.projection(options.projection) ?? options.attributesToGet
        let unchecked = try request.parsedCondition(&reader)
        let live = try catalog.table(request.tableName)
        let version = live.version
        let table = version.definition
        let target = try ReadTarget(table, indexName: options.indexName)
        try target.checkConsistency(options.consistentRead)
        let condition = try request.condition(unchecked, target)
        if let path = filter?.paths.first(where: { path in
            target.compositeKey.attributes.contains { TextOrder.areEqual($0.name, path.root) }
        }) {
            throw .validation(
                (options.filter == nil ? "QueryFilter" : "Filter Expression")
                    + " can only contain non-primary key attributes: Primary key "
                    + "attribute: \(path.root)"
            )
        }
        let selection = try Selection(options, projection, filter, target)
        let direction: ScanDirection = request.scanIndexForward ? .ascending : .descending
        var range = try QueryRange.of(condition, target)
        let partition = EntryKey(prefix: range.lower)
        if target.index == nil { live.note(partition) }
        if let start = options.exclusiveStartKey {
            try QueryRange.checkStart(start, condition, target)
            let key = target.entryKey(of: start).bytes
            range = request.scanIndexForward ? range.after(key) : range.before(key)
        }
        var read = PageRead(
            target: target,
            range: range,
            direction: direction,
            selection: selection,
            filter: filter,
            limit: limit,
            consistency: options.consistentRead ? .strong : .eventual
        )
        read.sink = sink
        return try await answer(read, options, version, in: partition.range)
    }
}

extension QueryRequest {
    /// The key condition, the last expression of the request; nil where it has no text.
    fileprivate func parsedCondition(
        _ reader: inout ExpressionReader
    ) throws(DatabaseError) -> KeyCondition.Unchecked? {
        guard keyConditions == nil else {
            try reader.finish(hasExpressions: options.filter != nil || options.projection != nil)
            return nil
        }
        let condition = try reader.keyCondition(keyCondition)
        try reader.finish(hasExpressions: true)
        return condition
    }

    /// The key condition on the key that is queried.
    fileprivate func condition(
        _ unchecked: KeyCondition.Unchecked?,
        _ target: ReadTarget
    ) throws(DatabaseError) -> KeyCondition {
        // Conditions without a text are older than keys of several attributes.
        guard unchecked != nil || !target.compositeKey.hasSeveral else {
            throw .validation("Query key condition not supported")
        }
        do throws(ExpressionError) {
            if let unchecked { return try unchecked.checked(target.compositeKey) }
            return try KeyCondition(keyConditions ?? [], schema: target.key)
        } catch {
            throw DatabaseError(error)
        }
    }
}

/// Key conditions as exact ranges of stored keys.
enum QueryRange {
    /// The range of entries that a key condition names.
    static func of(
        _ condition: KeyCondition,
        _ target: ReadTarget
    ) throws(DatabaseError) -> EntryRange {
        do throws(ItemError) {
            let partition = try bytes(of: [condition.partition] + condition.furtherPartitions)
            guard let sort = condition.sort else {
                return target.engineTable.range(partition: partition)
            }
            let prefix = try bytes(of: condition.sortPrefix)
            let (lower, upper) = try sort.keyRange()
            // Open to above, but within what the first attributes fix.
            let end = upper.map { prefix + $0 } ?? KeyCoding.successor(ofPrefix: prefix)
            return target.engineTable.range(partition: partition, from: prefix + lower, to: end)
        } catch {
            throw DatabaseError(error)
        }
    }

    private static func bytes(of values: [AttributeValue]) throws(ItemError) -> [UInt8] {
        var bytes: [UInt8] = []
        for value in values { bytes += try KeyCoding.encode(value) }
        return bytes
    }

    /// A start key must be one that the query could have read.
    static func checkStart(
        _ start: Item,
        _ condition: KeyCondition,
        _ target: ReadTarget
    ) throws(DatabaseError) {
        try target.checkStart(start)
        let key = target.compositeKey
        let partitions = [condition.partition] + condition.furtherPartitions
        guard key.partition.map({ start[$0.name] }) == partitions.map(Optional.some) else {
            throw .validation(
                "The provided starting key is outside query boundaries based on provided "
                    + "conditions"
            )
        }
        guard let sort = condition.sort else { return }
        let fixed = condition.sortPrefix
        let isFixed = zip(key.sort, fixed).allSatisfy { start[$0.name] == $1 }
        if let value = start[key.sort[fixed.count].name], !isFixed || !sort.contains(value) {
            throw .validation(
                "The provided starting key does not match the range key predicate"
            )
        }
    }
}
