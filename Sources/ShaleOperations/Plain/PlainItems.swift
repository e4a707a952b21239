// GetItem and PutItem straight between the bytes of JSON and those of stored items.

internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

/// An answer that says nothing.
private let noAttributes = Array("{}".utf8)

extension GetItem: PlainOperation {
    static func runPlain(
        _ body: RequestBody,
        _ service: Service
    ) async throws(WireError) -> [UInt8]? {
        guard let (table, key, isConsistent) = plainRequest(body) else { return nil }
        do throws(DatabaseError) {
            let found = try await service.database.getRendered(
                table,
                key: key,
                isConsistent: isConsistent
            ) {
                item throws(ItemError) in
                // Names and quotes are more on the wire than lengths are in store.
                var writer = JSONWriter(reservingCapacity: item.count * 2 + 64)
                writer.beginObject()
                writer.name("Item")
                try writer.item(encoded: item)
                writer.endObject()
                return writer.bytes
            }
            switch found {
            case .unusual: return nil
            case .absent: return noAttributes
            case .done(let answer): return answer
            }
        } catch {
            throw service.wireError(error)
        }
    }

    private static func plainRequest(
        _ body: RequestBody
    ) -> (
        table: String, key: PlainKey, isConsistent: Bool
    )? {
        var reader = PlainReader(body)
        var table: String?
        var key: PlainKey?
        var isConsistent = false
        let isPlain = reader.members { reader, name in
            if reader.isText(name, "TableName"), table == nil {
                table = reader.tableName()
                return table != nil
            }
            if reader.isText(name, "Key"), key == nil {
                key = reader.key()
                return key != nil
            }
            // Every read is consistent, and only capacity tells.
            if reader.isText(name, "ConsistentRead") {
                let given = reader.bool()
                isConsistent = given ?? false
                return given != nil
            }
            return reader.isText(name, "ReturnConsumedCapacity") && reader.none()
        }
        guard isPlain, let table, let key else { return nil }
        return (table, key, isConsistent)
    }
}

extension PutItem: PlainOperation {
    static func runPlain(
        _ body: RequestBody,
        _ service: Service
    ) async throws(WireError) -> [UInt8]? {
        guard let (table, item) = plainRequest(body) else { return nil }
        do throws(DatabaseError) {
            let put = try await service.database.putEncoded(
                table,
                item.bytes,
                sizeBytes: item.sizeBytes
            )
            if case .unusual = put { return nil }
            return noAttributes
        } catch {
            throw service.wireError(error)
        }
    }

    private static func plainRequest(_ body: RequestBody) -> (table: String, item: PlainItem)? {
        var reader = PlainReader(body)
        var table: String?
        var item: PlainItem?
        let isPlain = reader.members { reader, name in
            if reader.isText(name, "TableName"), table == nil {
                table = reader.tableName()
                return table != nil
            }
            if reader.isText(name, "Item"), item == nil {
                item = reader.item()
                return item != nil
            }
            let asksForNothing =
                reader.isText(name, "ReturnValues")
                || reader.isText(name, "ReturnConsumedCapacity")
                || reader.isText(name, "ReturnItemCollectionMetrics")
            return asksForNothing && reader.none()
        }
        guard isPlain, let table, let item else { return nil }
        return (table, item)
    }
}
