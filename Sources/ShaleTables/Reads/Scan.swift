internal import ShaleCapacity
internal import ShaleEngine
internal import ShaleExpressions
internal import ShaleItems

extension Database {
    /// Reads one page of all items, in no meaningful but a fixed order.
    ///
    /// Of a parallel scan each segment is a range of hashes, so segments are about equally large, and
    /// the same items are in the same segment for as long as the table lives.
    /// - Throws: `.validation`, `.resourceNotFound`, `.throughputExceeded`, `.throttled`, `.internalFailure`.
    /// - Complexity: O(log n) to find the place, then O(items read).
    public func scan(
        _ request: ScanRequest
    ) async throws(DatabaseError) -> PageResponse {
        try await scan(request, into: nil)
    }

    /// The same, where `sink` takes whole items in their stored bytes.
    package func scan(
        _ request: ScanRequest,
        into sink: ItemSink?
    ) async throws(DatabaseError) -> PageResponse {
        let options = request.options
        let limit = try options.checkedLimit()
        let segment = try request.segmentRange()
        try Selection.check(options)
        var reader = try ExpressionReader(options.attributes)
        let filter = try reader.condition(options.filter, as: .filter) ?? options.legacyFilter
        let projection = try reader.projection(options.projection) ?? options.attributesToGet
        try reader.finish(hasExpressions: options.filter != nil || options.projection != nil)
        let version = try catalog.table(request.tableName).version
        let table = version.definition
        let target = try ReadTarget(table, indexName: options.indexName)
        try target.checkConsistency(options.consistentRead)
        let selection = try Selection(options, projection, filter, target)
        var range = segment
        if let start = options.exclusiveStartKey {
            try target.checkStart(start)
            let key = target.entryKey(of: start).bytes
            guard segment.contains(key) else { throw request.startOutsideSegment }
            range = segment.after(key)
        }
        var read = PageRead(
            target: target,
            range: range,
            selection: selection,
            filter: filter,
            limit: limit,
            consistency: options.consistentRead ? .strong : .eventual
        )
        read.sink = sink
        return try await answer(read, options, version)
    }
}

extension ScanRequest {
    /// The part of the table that this scan reads.
    fileprivate func segmentRange() throws(DatabaseError) -> EntryRange {
        switch (segment, totalSegments) {
        case (nil, nil): return .all
        case (nil, .some):
            throw .validation(
                "The Segment parameter is required but was not present in the request when "
                    + "parameter TotalSegments is present"
            )
        case (.some, nil):
            throw .validation(
                "The TotalSegments parameter is required but was not present in the request when "
                    + "Segment parameter is present"
            )
        case (let segment?, let total?):
            guard total >= 1, total <= TableLimits.scanSegments else {
                throw .validation(
                    "1 validation error detected: Value '\(total)' at 'totalSegments' failed to "
                        + "satisfy constraint: Member must have value "
                        + (total < 1
                            ? "greater than or equal to 1"
                            : "less than or equal to \(TableLimits.scanSegments)")
                )
            }
            guard segment >= 0 else {
                throw .validation(
                    "1 validation error detected: Value '\(segment)' at 'segment' failed to "
                        + "satisfy constraint: Member must have value greater than or equal to 0"
                )
            }
            guard segment < total else {
                throw .validation(
                    "The Segment parameter is zero-based and must be less than parameter "
                        + "TotalSegments: Segment: \(segment) is not less than TotalSegments: "
                        + "\(total)"
                )
            }
            return EntryRange(segment: segment, of: total)
        }
    }

    fileprivate var startOutsideSegment: DatabaseError {
        .validation(
            "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use "
                + "ExclusiveStartKey with correct Segment. TotalSegments: \(totalSegments ?? 1) "
                + "Segment: \(segment ?? 0)"
        )
    }
}
