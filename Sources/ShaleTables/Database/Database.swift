internal import ShaleEngine
public import ShalePlatform

/// Tables of items over one engine, with the verbs of DynamoDB.
public final class Database: Sendable {
    let engine: Engine
    let options: DatabaseOptions

    private init(_ engine: Engine, _ options: DatabaseOptions) {
        self.engine = engine
        self.options = options
    }

    /// Opens the database in `directory`, which is made if it does not exist.
    public static func open(
        _ directory: String,
        _ options: DatabaseOptions = DatabaseOptions(),
        in world: World
    ) async throws(DatabaseError) -> Database {
        do throws(EngineError) {
            let engine = try await Engine.open(directory, options.engine, in: world)
            return Database(engine, options)
        } catch {
            throw DatabaseError(error)
        }
    }

    /// Flushes and gives the directory back.
    public func close() async throws(DatabaseError) {}
}

let provisional = DatabaseError(.internalFailure, "not built yet")

extension Database {
    /// Makes a table; it is active when the call answers.
    public func createTable(
        _ request: CreateTableRequest
    ) async throws(DatabaseError) -> TableDescription { throw provisional }

    /// A table's schema and state.
    public func describeTable(_ tableName: String) throws(DatabaseError) -> TableDescription {
        throw provisional
    }

    /// Names of tables, in the order of their bytes, behind `exclusiveStart`; `limit` from 1 to 100.
    public func listTables(
        exclusiveStart: String? = nil,
        limit: Int? = nil
    ) throws(DatabaseError) -> ListTablesResponse { throw provisional }

    /// Deletes a table with its indexes; answers the last description of it.
    public func deleteTable(
        _ tableName: String
    ) async throws(DatabaseError) -> TableDescription { throw provisional }

    /// Changes a table.
    public func updateTable(
        _ request: UpdateTableRequest
    ) async throws(DatabaseError) -> TableDescription { throw provisional }

    /// Puts an item in place of the one with its key, if there is one.
    public func putItem(
        _ request: PutItemRequest
    ) async throws(DatabaseError) -> WriteItemResponse { throw provisional }

    /// Deletes an item; one that is not there is no error.
    public func deleteItem(
        _ request: DeleteItemRequest
    ) async throws(DatabaseError) -> WriteItemResponse { throw provisional }

    /// Changes an item, or makes it if it is not there.
    public func updateItem(
        _ request: UpdateItemRequest
    ) async throws(DatabaseError) -> WriteItemResponse { throw provisional }

    /// Reads one item.
    public func getItem(
        _ request: GetItemRequest
    ) async throws(DatabaseError) -> GetItemResponse { throw provisional }

    /// Reads one page of the items of one partition key.
    public func query(
        _ request: QueryRequest
    ) async throws(DatabaseError) -> PageResponse { throw provisional }

    /// Reads one page of all items.
    public func scan(
        _ request: ScanRequest
    ) async throws(DatabaseError) -> PageResponse { throw provisional }

    /// Reads up to 100 items.
    public func batchGetItem(
        _ request: BatchGetItemRequest
    ) async throws(DatabaseError) -> BatchGetItemResponse { throw provisional }

    /// Writes up to 25 items, each on its own.
    public func batchWriteItem(
        _ request: BatchWriteItemRequest
    ) async throws(DatabaseError) -> BatchWriteItemResponse { throw provisional }
}
