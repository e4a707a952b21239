internal import ShaleFunctions
internal import ShalePlatform
internal import ShaleTables
internal import ShaleWire

/// What is told of records that are given up, in the service's form: an object of a bucket.
///
///     aws/lambda/MAPPING/SHARD/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-UUID
struct FailureReport {
    let mapping: EventSourceMapping
    let shard: ShardIdentity
    let batch: RecordBatch
    let range: Range<Int>
    let reason: BatchProgress.Reason
    let attempts: Int
    /// The last answer of the function; nil where there was none.
    let answer: Functions.Answer?
    let milliseconds: Int64
    /// Draws identities.
    let identity: String

    /// The object's key.
    var key: String {
        let text = CivilDate(seconds: milliseconds / 1_000).isoText(milliseconds: 0)
        let day = text.prefix(10).replacing("-", with: "/")
        let moment = text.prefix(19).replacing(":", with: ".")
        return "aws/lambda/\(mapping.identity)/\(shard)/\(day)/\(moment)-\(identity)"
    }

    /// The object.
    var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("requestContext")
        writer.beginObject()
        writer.member("requestId", identity)
        writer.member("functionArn", mapping.function)
        writer.member("condition", reason.rawValue)
        writer.member("approximateInvokeCount", attempts)
        writer.endObject()
        if let answer {
            writer.name("responseContext")
            writer.beginObject()
            writer.member("statusCode", 200)
            writer.member("executedVersion", answer.version)
            if let error = answer.outcome.functionError { writer.member("functionError", error) }
            writer.endObject()
        }
        writer.member("version", "1.0")
        writer.member("timestamp", Self.text(milliseconds))
        writer.name("DDBStreamBatchInfo")
        writer.beginObject()
        let records = batch.entries[range].map(\.record)
        writer.member("shardId", shard.description)
        if let first = records.first, let last = records.last {
            writer.member("startSequenceNumber", first.sequence.description)
            writer.member("endSequenceNumber", last.sequence.description)
            writer.member("approximateArrivalOfFirstRecord", Self.text(first.milliseconds))
            writer.member("approximateArrivalOfLastRecord", Self.text(last.milliseconds))
        }
        writer.member("batchSize", range.count)
        writer.member("streamArn", mapping.source)
        writer.endObject()
        writer.member("payload", String(decoding: batch.payload(range), as: UTF8.self))
        writer.endObject()
        return writer.bytes
    }

    private static func text(_ milliseconds: Int64) -> String {
        CivilDate(seconds: milliseconds / 1_000).isoText(milliseconds: milliseconds % 1_000)
    }
}
