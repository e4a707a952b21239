internal import ShaleTables
internal import ShaleWire

// How streams, shards and records are named and written.

extension Service {
    /// The resource name of a stream.
    func resourceName(of stream: StreamIdentity) -> String {
        resourceName(ofTable: stream.tableName) + "/stream/"
            + StreamLabel.text(milliseconds: stream.createdMilliseconds)
    }

    /// The stream that a resource name names; nil where it is none of this account.
    func stream(named resourceName: String) -> StreamIdentity? {
        let mark = "/stream/"
        guard let range = resourceName.range(of: mark) else { return nil }
        let table = resourceName[..<range.lowerBound]
        let prefix = self.resourceName(ofTable: "")
        guard table.utf8.starts(with: prefix.utf8),
            let milliseconds = StreamLabel.milliseconds(String(resourceName[range.upperBound...]))
        else { return nil }
        return StreamIdentity(
            tableName: String(table.dropFirst(prefix.count)),
            createdMilliseconds: milliseconds
        )
    }
}

extension StringProtocol {
    /// Where a text stands for the first time.
    fileprivate func range(of text: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].utf8.starts(with: text.utf8) {
                return start..<utf8.index(start, offsetBy: text.utf8.count)
            }
            start = index(after: start)
        }
        return nil
    }
}

/// A stream's resource name in a request, checked when the service is known.
struct StreamName {
    static let lengths = 37...1024
    var text: String

    /// Reads a name and notes what is wrong with its length.
    static func read(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints,
        at path: String
    ) throws(WireError) -> StreamName {
        let text = try reader.readString()
        constraints.checkLength(of: text, in: lengths, at: path)
        return StreamName(text: text)
    }

    /// The stream.
    func identity(_ service: Service) throws(DatabaseError) -> StreamIdentity {
        guard let identity = service.stream(named: text) else {
            throw DatabaseError(.validation, "Invalid StreamArn")
        }
        return identity
    }
}

/// A shard's name in a request.
enum ShardName {
    static let lengths = 28...65

    /// Reads a name; nil where it is none of ours, which names a shard that does not exist.
    static func read(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints,
        at path: String
    ) throws(WireError) -> ShardIdentity? {
        let text = try reader.readString()
        constraints.checkLength(of: text, in: lengths, at: path)
        return ShardIdentity(text)
    }
}

extension DatabaseError {
    /// For a shard's name that no shard of ours can have.
    static let noSuchShard = DatabaseError(
        .resourceNotFound,
        "Requested resource not found: Shard does not exist"
    )
}

extension JSONWriter {
    mutating func shard(_ shard: ShardDescription) {
        beginObject()
        member("ShardId", shard.identity.description)
        name("SequenceNumberRange")
        beginObject()
        member("StartingSequenceNumber", shard.starting.description)
        if let ending = shard.ending { member("EndingSequenceNumber", ending.description) }
        endObject()
        if let parent = shard.parent { member("ParentShardId", parent.description) }
        endObject()
    }
}
