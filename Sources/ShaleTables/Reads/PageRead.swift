internal import ShaleCapacity
internal import ShaleEngine
internal import ShaleExpressions
internal import ShaleItems

/// One page of a query or scan, parsed and checked: `run` reads it from a view of the database.
///
/// A page ends at `limit` items read, before the item with which it would be over 1 MB, or at the end
/// of the range. In the first two cases it says where the next begins, even if nothing is there.
struct PageRead: Sendable {
    let target: ReadTarget
    let range: EntryRange
    var direction = ScanDirection.ascending
    let selection: Selection
    let filter: Condition?
    let limit: Int
    let consistency: CapacityRules.Consistency
    /// Takes whole items as they are stored, where nothing is filtered or left out of them.
    var sink: ItemSink?
    /// Bytes of items with which the page ends.
    var sizeLimitBytes = TableLimits.pageSizeBytes

    /// A page, and what it cost.
    struct Page: Sendable {
        var items: [Item] = []
        var encoded: [UInt8]?
        var count = 0
        var scannedCount = 0
        var lastKey: Item?
        /// The last item that was read, where items were made of what was read.
        var lastItem: Item?
        var readBytes = 0
        var fetched = CapacityUnits.zero
    }

    func run(_ view: ReadView) throws(EngineError) -> Result<Page, DatabaseError> {
        if let sink, filter == nil, selection.isWhole { return try run(view, into: sink) }
        var page = Page()
        var last: Item?
        var failure: DatabaseError?
        try view.scan(target.engineTable.id, range, direction) {
            _,
            value throws(EngineError) -> ScanStep in
            do throws(DatabaseError) {
                let item = try StoredItem.decode(value)
                let size = item.sizeBytes
                guard last == nil || page.readBytes + size <= sizeLimitBytes else {
                    page.lastKey = last.map(target.startKey)
                    return .stop
                }
                page.readBytes += size
                page.scannedCount += 1
                last = item
                try add(item, view, to: &page)
            } catch {
                // The engine must see its own errors: it may read again on another thread.
                if let engine = error.engine { throw engine }
                failure = error
                return .stop
            }
            guard page.scannedCount < limit else {
                page.lastKey = last.map(target.startKey)
                return .stop
            }
            return .continue
        }
        if let failure { return .failure(failure) }
        page.lastItem = last
        return .success(page)
    }

    /// The same without making an `Item` of what is read.
    private func run(
        _ view: ReadView,
        into sink: ItemSink
    ) throws(EngineError) -> Result<Page, DatabaseError> {
        var page = Page()
        var encoded: [UInt8] = []
        // The last item that was read, in the same memory each time.
        var last: [UInt8] = []
        var isCut = false
        var failure: ItemError?
        try view.scanSpans(target.engineTable.id, range, direction) {
            _,
            value throws(EngineError) -> ScanStep in
            let value = Span<UInt8>(_bytes: value)
            do throws(ItemError) {
                let size = try EncodedAttributes.sizeBytes(value)
                isCut = !last.isEmpty && page.readBytes + size > sizeLimitBytes
                if isCut { return .stop }
                try sink(value, &encoded)
                page.readBytes += size
            } catch {
                failure = error
                return .stop
            }
            page.scannedCount += 1
            last.removeAll(keepingCapacity: true)
            // Safety: the buffer is copied before the closure returns.
            unsafe value.withUnsafeBufferPointer { unsafe last.append(contentsOf: $0) }
            isCut = page.scannedCount >= limit
            return isCut ? .stop : .continue
        }
        page.count = page.scannedCount
        page.encoded = encoded
        do throws(ItemError) {
            if let failure { throw failure }
            if isCut { page.lastKey = target.startKey(of: try ItemDecoder.decode(last)) }
            return .success(page)
        } catch {
            return .failure(.damaged("item", error.description))
        }
    }

    /// Filters an item that was read, and keeps what is asked for of it.
    private func add(
        _ read: Item,
        _ view: ReadView,
        to page: inout Page
    ) throws(DatabaseError) {
        var item = read
        if selection.fetchesItems {
            item = try fetch(read, view)
            page.fetched += CapacityRules.read(itemBytes: item.sizeBytes, consistency)
        }
        if let filter, !filter.isSatisfied(by: item) { return }
        page.count += 1
        guard selection.returnsItems else { return }
        page.items.append(selection.projection?.apply(to: item) ?? item)
    }

    /// The whole item of an entry of a local index: both are of one view, so it is there.
    private func fetch(_ entry: Item, _ view: ReadView) throws(DatabaseError) -> Item {
        let table = target.table
        let key = table.entryKey(try table.key(of: entry))
        let bytes: [UInt8]?
        do throws(EngineError) {
            bytes = try view.get(table.engineTable.id, key)
        } catch {
            throw DatabaseError(error)
        }
        guard let bytes else {
            throw .damaged("index", "an entry of \(target.index?.name ?? "") has no item")
        }
        return try StoredItem.decode(bytes)
    }

    /// What the page cost.
    func consumed(_ page: Page) -> ConsumedCapacity {
        let units = CapacityRules.readPage(totalBytes: page.readBytes, consistency)
        var consumed = ConsumedCapacity(tableName: target.table.name)
        switch target.index?.scope {
        case nil: consumed.table = units
        case .local?:
            consumed.localIndexes[target.index?.name ?? ""] = units
            consumed.table = page.fetched
        case .global?: consumed.globalIndexes[target.index?.name ?? ""] = units
        }
        return consumed
    }
}

extension PageOptions {
    /// The most items to read.
    func checkedLimit() throws(DatabaseError) -> Int {
        guard let limit else { return .max }
        guard limit >= 1 else {
            throw .validation(
                "1 validation error detected: Value '\(limit)' at 'limit' failed to satisfy "
                    + "constraint: Member must have value greater than or equal to 1"
            )
        }
        return limit
    }
}

extension Database {
    /// Reads a page and answers in the form of the service; `range` is that of its partition key, where it is of one.
    func answer(
        _ read: PageRead,
        _ options: PageOptions,
        _ version: TableVersion,
        in range: KeyRange? = nil
    ) async throws(DatabaseError) -> PageResponse {
        let admission = try PageAdmission(version.gate, read.target, range, read.consistency)
        let result: Result<PageRead.Page, DatabaseError>
        do throws(EngineError) {
            result = try await engine.read { view throws(EngineError) in try read.run(view) }
        } catch {
            throw DatabaseError(error)
        }
        let page = try result.get()
        admission?.charge(read.consumed(page))
        version.usage?.add(.read, read.consumed(page))
        return PageResponse(
            items: page.items,
            count: page.count,
            scannedCount: page.scannedCount,
            lastEvaluatedKey: page.lastKey,
            consumedCapacity: options.returnConsumedCapacity == .none ? nil : read.consumed(page),
            encodedItems: page.encoded
        )
    }
}
