internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

/// Puts and deletes up to 25 items, each on its own.
enum BatchWriteItem: Operation {
    static let name = "BatchWriteItem"
    static let maxWrites = 25

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> BatchWriteItemRequest {
        var tables: BatchTables<[BatchWrite]>?
        var capacity = ReturnConsumedCapacity.none
        var metrics = ReturnItemCollectionMetrics.none
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "RequestItems":
                tables = try BatchTables(
                    &reader,
                    &constraints,
                    operation: Self.name,
                    limit: maxWrites,
                    naming: .afterConstraints
                ) { (reader, table, constraints) throws(WireError) in
                    try writes(&reader, to: table, &constraints)
                }
            case "ReturnConsumedCapacity":
                capacity = try reader.readReturnConsumedCapacity(&constraints)
            case "ReturnItemCollectionMetrics":
                metrics = try reader.readReturnItemCollectionMetrics(&constraints)
            default: try reader.skipValue()
            }
        }
        constraints.require(tables != nil, "requestItems")
        let requested = try constraints.required(tables, "RequestItems")
        var request = BatchWriteItemRequest(
            requested.entries.map { (tableName: $0.tableName, writes: $0.value) }
        )
        request.shownNames = requested.entries.map(\.shownName)
        request.returnConsumedCapacity = capacity
        request.returnItemCollectionMetrics = metrics
        return request
    }

    private static func writes(
        _ reader: inout JSONReader,
        to table: String,
        _ constraints: inout Constraints
    ) throws(WireError) -> (value: [BatchWrite], count: Int) {
        let writes = try reader.readList { reader throws(WireError) in
            try write(&reader, "requestItems.\(table).member", &constraints)
        }
        if !(1...maxWrites).contains(writes.count) {
            constraints.note(
                "{\(table)=[\(writes.isEmpty ? "" : "\(writes.count) members")]}",
                at: "requestItems",
                "Map value must satisfy constraint: [Member must have length less than or equal to "
                    + "\(maxWrites), Member must have length greater than or equal to 1]"
            )
        }
        return (writes.compactMap(\.self), writes.count)
    }

    /// One element: exactly one of `PutRequest` and `DeleteRequest`.
    private static func write(
        _ reader: inout JSONReader,
        _ path: String,
        _ constraints: inout Constraints
    ) throws(WireError) -> BatchWrite? {
        var requests: [BatchWrite?] = []
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "PutRequest":
                let item = try member("Item", &reader)
                constraints.require(item != nil, path + ".putRequest.item")
                requests.append(item.map(BatchWrite.put))
            case "DeleteRequest":
                let key = try member("Key", &reader)
                constraints.require(key != nil, path + ".deleteRequest.key")
                requests.append(key.map(BatchWrite.delete))
            default: try reader.skipValue()
            }
        }
        if requests.count != 1 {
            try reader.refuse(
                .validation(
                    requests.isEmpty
                        ? "Supplied AttributeValue is empty, must contain exactly one of the "
                            + "supported datatypes"
                        : "Supplied AttributeValue has more than one datatypes set, must contain "
                            + "exactly one of the supported datatypes"
                )
            )
        }
        return requests.first ?? nil
    }

    private static func member(
        _ wanted: String,
        _ reader: inout JSONReader
    ) throws(WireError) -> Item? {
        var item: Item?
        try reader.readStructure { (reader, name) throws(WireError) in
            if name.utf8.elementsEqual(wanted.utf8) {
                item = try reader.readItem()
            } else {
                try reader.skipValue()
            }
        }
        return item
    }

    static func call(
        _ request: BatchWriteItemRequest,
        _ service: Service
    ) async throws(DatabaseError) -> BatchWriteItemResponse {
        try await service.database.batchWriteItem(request)
    }

    static func encode(
        _ response: BatchWriteItemResponse,
        to request: BatchWriteItemRequest,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.name("UnprocessedItems")
        writer.beginObject()
        for table in response.unprocessedItems {
            writer.name(table.tableName)
            writer.array(table.writes) { writer, write in encode(write, to: &writer) }
        }
        writer.endObject()
        if let tables = response.itemCollectionMetrics { writer.itemCollectionMetrics(tables) }
        if let capacity = response.consumedCapacity {
            writer.name("ConsumedCapacity")
            writer.array(capacity) { writer, capacity in
                // It has the name by which this part of the request called the table.
                writer.consumedCapacity(capacity, request.returnConsumedCapacity, nil)
            }
        }
    }

    /// In the form of a request, so that a client can send it again as it is.
    private static func encode(_ write: BatchWrite, to writer: inout JSONWriter) {
        writer.beginObject()
        switch write {
        case .put(let item):
            writer.name("PutRequest")
            writer.beginObject()
            writer.name("Item")
            writer.item(item)
        case .delete(let key):
            writer.name("DeleteRequest")
            writer.beginObject()
            writer.name("Key")
            writer.item(key)
        }
        writer.endObject()
        writer.endObject()
    }
}
