internal import ShaleCapacity
internal import ShaleEngine
internal import ShaleExpressions
internal import ShaleItems

extension Database {
    /// Reads one page of a `SELECT`.
    func run(
        _ select: SelectStatement,
        _ request: StatementRequest
    ) async throws(DatabaseError) -> StatementResponse {
        var options = PageOptions()
        options.limit = request.limit
        let limit = try options.checkedLimit()
        let version = try catalog.table(select.tableName).version
        let table = version.definition
        var plan = try SelectPlan(select, table)
        if request.consistentRead, plan.target.index?.scope == .global {
            throw .validation(
                "Strongly consistent read is not supported on Global Secondary Indexes"
            )
        }
        if let text = request.nextToken {
            let token = try NextToken(text, request, plan.target)
            try plan.resume(after: token.key)
        }
        let read = SelectRead(
            plan: plan,
            limit: limit,
            consistency: request.consistentRead ? .strong : .eventual
        )
        let admission = try read.admit(version.gate)
        let result: Result<SelectRead.Page, DatabaseError>
        do throws(EngineError) {
            result = try await engine.read { view throws(EngineError) in try read.run(view) }
        } catch {
            throw DatabaseError(error)
        }
        let page = try result.get()
        admission?.charge(page.consumed)
        version.usage?.add(.read, page.consumed)
        let token = try page.lastKey.map { (key) throws(DatabaseError) in
            try NextToken(key: key).text(request, plan.target)
        }
        return StatementResponse(
            items: page.items.map(select.answer),
            nextToken: token,
            lastEvaluatedKey: page.lastKey,
            consumedCapacity: request.returnConsumedCapacity == .none ? nil : page.consumed
        )
    }
}

extension SelectPlan {
    /// The key range of a range of entries of one partition key; nil where it is of several.
    fileprivate func range(of entries: EntryRange) -> KeyRange? {
        let first = EntryKey(prefix: entries.lower).range
        guard let upper = entries.upper, !entries.lower.isEmpty,
            EntryKey(prefix: upper).range == first
        else { return nil }
        return first
    }

    /// Leaves out what was read up to an item.
    fileprivate mutating func resume(after key: Item) throws(DatabaseError) {
        let entry = target.entryKey(of: key).bytes
        guard case .ranges(var ranges) = access,
            let index = ranges.firstIndex(where: { $0.contains(entry) })
        else { throw NextToken.invalid }
        ranges.removeFirst(index)
        ranges[0] = direction == .ascending ? ranges[0].after(entry) : ranges[0].before(entry)
        access = .ranges(ranges)
    }
}

/// One page of a `SELECT`, ready to be read from a view of the database.
struct SelectRead: Sendable {
    let plan: SelectPlan
    let limit: Int
    let consistency: CapacityRules.Consistency

    /// A page, and what it cost.
    struct Page: Sendable {
        var items: [Item] = []
        var scannedCount = 0
        var readBytes = 0
        /// Where the next page begins.
        var lastKey: Item?
        var consumed: ConsumedCapacity
    }

    /// Asks for capacity; nil where the table has no limits.
    ///
    /// - Throws: `.throughputExceeded`, `.throttled`.
    func admit(_ gate: CapacityGate?) throws(DatabaseError) -> PageAdmission? {
        let range: KeyRange? =
            switch plan.access {
            case .item(let key): key.range
            case .ranges(let ranges): ranges.count == 1 ? plan.range(of: ranges[0]) : nil
            }
        return try PageAdmission(gate, plan.target, range, consistency)
    }

    func run(_ view: ReadView) throws(EngineError) -> Result<Page, DatabaseError> {
        switch plan.access {
        case .item(let key): try readItem(key, view)
        case .ranges(let ranges): try readRanges(ranges, view)
        }
    }

    private func readItem(
        _ key: EntryKey,
        _ view: ReadView
    ) throws(EngineError) -> Result<Page, DatabaseError> {
        let table = plan.target.table
        let bytes = try view.get(table.engineTable.id, key)
        var page = Page(consumed: ConsumedCapacity(tableName: table.name))
        do throws(DatabaseError) {
            let item = try bytes.map { (bytes) throws(DatabaseError) in
                try StoredItem.decode(bytes)
            }
            page.consumed.table = CapacityRules.read(itemBytes: item?.sizeBytes ?? 0, consistency)
            if let item, plan.filter?.isSatisfied(by: item) ?? true { page.items = [item] }
            return .success(page)
        } catch {
            return .failure(error)
        }
    }

    /// Limit and size of a page count over all ranges; each range costs what it would cost alone.
    private func readRanges(
        _ ranges: [EntryRange],
        _ view: ReadView
    ) throws(EngineError) -> Result<Page, DatabaseError> {
        var page = Page(consumed: ConsumedCapacity(tableName: plan.target.table.name))
        // What no key can satisfy is read for what an empty page costs.
        if ranges.isEmpty {
            page.consumed.table = CapacityRules.readPage(totalBytes: 0, consistency)
        }
        for (index, range) in ranges.enumerated() {
            var read = PageRead(
                target: plan.target,
                range: range,
                direction: plan.direction,
                selection: plan.selection,
                filter: plan.filter,
                limit: limit == .max ? .max : limit - page.scannedCount,
                consistency: consistency
            )
            read.sizeLimitBytes = max(0, TableLimits.pageSizeBytes - page.readBytes)
            let part: PageRead.Page
            switch try read.run(view) {
            case .success(let done): part = done
            case .failure(let error): return .failure(error)
            }
            page.items += part.items
            page.scannedCount += part.scannedCount
            page.readBytes += part.readBytes
            page.consumed.add(read.consumed(part))
            page.lastKey = part.lastKey
            if page.readBytes >= TableLimits.pageSizeBytes, index + 1 < ranges.count {
                page.lastKey = page.lastKey ?? part.lastItem.map(plan.target.startKey)
            }
            if page.lastKey != nil { break }
        }
        return .success(page)
    }
}
