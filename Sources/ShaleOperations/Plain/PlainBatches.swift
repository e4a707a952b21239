// BatchWriteItem straight from the bytes of its request.

internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

extension BatchWriteItem: PlainOperation {
    private typealias Tables = [(tableName: String, writes: [EncodedRequest])]

    static func runPlain(
        _ body: RequestBody,
        _ service: Service
    ) async throws(WireError) -> [UInt8]? {
        guard let tables = plainRequest(body) else { return nil }
        do throws(DatabaseError) {
            if case .unusual = try await service.database.writeEncoded(tables) { return nil }
            return Array("{\"UnprocessedItems\":{}}".utf8)
        } catch {
            throw service.wireError(error)
        }
    }

    private static func plainRequest(_ body: RequestBody) -> Tables? {
        var reader = PlainReader(body)
        var tables: Tables = []
        var hasItems = false
        let isPlain = reader.members { reader, name in
            if reader.isText(name, "RequestItems"), !hasItems {
                hasItems = true
                return reader.object { reader, name in
                    guard let table = reader.tableName(name),
                        !tables.contains(where: { $0.tableName.utf8.elementsEqual(table.utf8) }),
                        let writes = writes(&reader)
                    else { return false }
                    tables.append((table, writes))
                    return true
                }
            }
            let asksForNothing =
                reader.isText(name, "ReturnConsumedCapacity")
                || reader.isText(name, "ReturnItemCollectionMetrics")
            return asksForNothing && reader.none()
        }
        let count = tables.reduce(0) { $0 + $1.writes.count }
        guard isPlain, (1...maxWrites).contains(count) else { return nil }
        return tables
    }

    private static func writes(_ reader: inout PlainReader) -> [EncodedRequest]? {
        guard reader.take(UInt8(ascii: "[")) else { return nil }
        var writes: [EncodedRequest] = []
        while true {
            guard let write = write(&reader) else { return nil }
            writes.append(write)
            switch reader.next(closing: UInt8(ascii: "]")) {
            case .another: continue
            case .end: return writes
            case .malformed: return nil
            }
        }
    }

    /// One element: `{"PutRequest": {"Item": …}}` or `{"DeleteRequest": {"Key": …}}`.
    private static func write(_ reader: inout PlainReader) -> EncodedRequest? {
        var write: EncodedRequest?
        let isPlain = reader.object { reader, name in
            guard write == nil else { return false }
            let isPut = reader.isText(name, "PutRequest")
            guard isPut || reader.isText(name, "DeleteRequest") else { return false }
            return reader.object { reader, name in
                guard write == nil else { return false }
                if isPut {
                    guard reader.isText(name, "Item"), let item = reader.item() else {
                        return false
                    }
                    write = .put(item.bytes, sizeBytes: item.sizeBytes)
                } else {
                    guard reader.isText(name, "Key"), let key = reader.key() else { return false }
                    write = .delete(key)
                }
                return true
            }
        }
        return isPlain ? write : nil
    }
}
