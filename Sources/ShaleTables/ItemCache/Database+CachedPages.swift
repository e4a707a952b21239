internal import ShaleEngine
internal import ShaleItems

extension Database {
    /// The page of a query, from memory where its table's pages are kept.
    func cachedPage(
        _ request: QueryRequest,
        _ form: PageKey.Form,
        _ read: () async throws(DatabaseError) -> PageResponse
    ) async throws(DatabaseError) -> PageResponse {
        guard let pages, engine.isOpen, pages.takes(request.tableName, request.options) else {
            return try await read()
        }
        return try await cachedPage(request.tableName, pages, read) { version throws(ItemError) in
            try PageKey.of(request, version, form)
        }
    }

    /// The page of a scan, from memory where its table's pages are kept.
    func cachedPage(
        _ request: ScanRequest,
        _ form: PageKey.Form,
        _ read: () async throws(DatabaseError) -> PageResponse
    ) async throws(DatabaseError) -> PageResponse {
        guard let pages, engine.isOpen, pages.takes(request.tableName, request.options) else {
            return try await read()
        }
        return try await cachedPage(request.tableName, pages, read) { version throws(ItemError) in
            try PageKey.of(request, version, form)
        }
    }

    private func cachedPage(
        _ tableName: String,
        _ pages: PageCache,
        _ read: () async throws(DatabaseError) -> PageResponse,
        key: (TableVersion) throws(ItemError) -> [UInt8]?
    ) async throws(DatabaseError) -> PageResponse {
        let version = try catalog.table(tableName).version
        let found: [UInt8]?
        do throws(ItemError) {
            found = try key(version)
        } catch {
            // A value that cannot be encoded: reading says what is wrong with it.
            found = nil
        }
        guard let found else { return try await read() }
        return try await pages.page(found, of: tableName, version, engine, read)
    }
}
