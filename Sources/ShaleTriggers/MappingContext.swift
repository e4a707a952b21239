package import ShaleFunctions
package import ShalePlatform
package import ShaleTables
internal import ShaleWire

/// What mappings work with.
package struct MappingContext: Sendable {
    /// Whose streams are read, and where it is noted how far.
    package var database: Database
    /// What is run.
    package var functions: Functions
    /// Clocks, randomness, threads.
    package var world: World
    /// Where failures can be told, by the buckets' names.
    package var buckets: [String: any Bucket]
    let registry: MappingRegistry

    /// Opens the registry of a database.
    ///
    /// - Throws: `.internalFailure`.
    package init(
        _ database: Database,
        _ functions: Functions,
        _ world: World,
        buckets: [String: any Bucket]
    ) async throws(DatabaseError) {
        self.database = database
        self.functions = functions
        self.world = world
        self.buckets = buckets
        registry = try await MappingRegistry(database)
    }

    /// The stream of a resource name; nil where it is none of this account.
    ///
    ///     arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/LABEL
    func stream(_ resourceName: String) -> StreamIdentity? {
        let prefix = "arn:aws:dynamodb:\(functions.region):\(functions.account):table/"
        guard resourceName.utf8.starts(with: prefix.utf8) else { return nil }
        let parts = resourceName.dropFirst(prefix.count).split(separator: "/", maxSplits: 2)
        guard parts.count == 3, parts[1] == "stream",
            let milliseconds = StreamLabel.milliseconds(String(parts[2]))
        else { return nil }
        return StreamIdentity(tableName: String(parts[0]), createdMilliseconds: milliseconds)
    }

    /// The bucket of a resource name, and its name; nil where it is none.
    ///
    ///     arn:aws:s3:::NAME
    func bucket(_ resourceName: String) -> (any Bucket)? {
        let prefix = "arn:aws:s3:::"
        guard resourceName.utf8.starts(with: prefix.utf8) else { return nil }
        return buckets[String(resourceName.dropFirst(prefix.count))]
    }

    /// All shards of a stream, oldest first.
    func shards(of stream: StreamIdentity) async throws(DatabaseError) -> [ShardDescription] {
        var request = DescribeStreamRequest(stream)
        var shards: [ShardDescription] = []
        repeat {
            let page = try await database.describeStream(request)
            shards += page.shards
            request.exclusiveStart = page.lastEvaluated
        } while request.exclusiveStart != nil
        return shards
    }
}
