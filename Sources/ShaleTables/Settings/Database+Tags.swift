internal import ShaleEngine
internal import ShaleItems

extension Database {
    /// Puts tags on a table; those with keys that are there get new values.
    ///
    /// Changes of one table wait for each other, so none is lost.
    /// - Throws: `.resourceNotFound`, `.validation` when a tag breaks a rule, `.internalFailure`.
    public func tagTable(_ tableName: String, _ tags: [TableTag]) async throws(DatabaseError) {
        try await changeSettings(of: tableName) { (settings) throws(DatabaseError) in
            settings.tags = try TagRules.putting(tags, on: settings.tags)
        }
    }

    /// Takes tags off a table; keys that no tag has are passed over.
    ///
    /// - Throws: `.resourceNotFound`, `.internalFailure`.
    public func untagTable(_ tableName: String, _ keys: [String]) async throws(DatabaseError) {
        try await changeSettings(of: tableName) { (settings) throws(DatabaseError) in
            settings.tags = TagRules.removing(keys, from: settings.tags)
        }
    }

    /// One page of a table's tags in the order of their keys' bytes, beginning behind `exclusiveStart`.
    ///
    /// - Returns: the tags, and the key behind which the next page begins; nil when this was the last.
    /// - Throws: `.resourceNotFound`.
    public func tags(
        of tableName: String,
        after exclusiveStart: String? = nil
    ) throws(DatabaseError) -> (tags: [TableTag], last: String?) {
        let tags = try describedTable(tableName).definition.settings.tags.filter { tag in
            exclusiveStart.map { TextOrder.precedes($0, tag.key) } ?? true
        }
        let page = Array(tags.prefix(TableLimits.tagsPerPage))
        return (page, tags.count > page.count ? page.last?.key : nil)
    }

    /// Changes what a table remembers for its administrators; waits for other changes of the table.
    func changeSettings<Answer>(
        of tableName: String,
        _ change: (inout TableSettings) throws(DatabaseError) -> Answer
    ) async throws(DatabaseError) -> Answer {
        let live = try describedTable(tableName)
        await live.awaitChange()
        defer { live.endChange() }
        guard !live.isDeleted else { throw .tableNotFound(tableName) }
        var definition = live.definition
        let answer = try change(&definition.settings)
        guard definition != live.definition else { return answer }
        do throws(EngineError) {
            try await catalog.write(definition, live.tallies(of: definition))
        } catch {
            throw DatabaseError(error)
        }
        await live.publish(definition)
        return answer
    }
}
