internal import ShaleBytes
internal import ShalePlatform

/// The records of one object of a bucket, some at a time.
///
/// One caller at a time, on whatever thread: it is handed on with its answer.
struct ObjectRecords: Sendable {
    /// Some records, and how much of the object they took.
    struct Piece: Sendable {
        var records: [RecordSplitter.Record]
        var sizeBytes: Int
    }

    private let key: String
    private let bucket: any Bucket
    private let inflater: Inflater?
    private var splitter: RecordSplitter
    private var offset = 0
    private var isAtEnd = false

    init(key: String, bucket: any Bucket, isCompressed: Bool, delimiter: UInt8?) {
        self.key = key
        self.bucket = bucket
        inflater = isCompressed ? Inflater() : nil
        splitter = RecordSplitter(delimiter: delimiter)
    }

    /// Reads some more; nil at the end.
    mutating func next(_ sizeBytes: Int) throws(BucketError) -> Piece? {
        guard !isAtEnd else { return nil }
        let bytes = try bucket.read(key, at: offset, count: sizeBytes)
        offset += bytes.count
        var records: [RecordSplitter.Record] = []
        guard let inflater else {
            records = splitter.add(bytes[...])
            if bytes.count < sizeBytes { finish(&records) }
            return Piece(records: records, sizeBytes: bytes.count)
        }
        do throws(Zlib.Failure) {
            var splitter = splitter
            try inflater.add(bytes) { piece in records += splitter.add(piece) }
            self.splitter = splitter
            if bytes.count < sizeBytes {
                guard inflater.isComplete else { throw .malformed }
                finish(&records)
            }
        } catch {
            throw BucketError(.failed, key, "the object is no gzip, is damaged, or ends too early")
        }
        return Piece(records: records, sizeBytes: bytes.count)
    }

    private mutating func finish(_ records: inout [RecordSplitter.Record]) {
        isAtEnd = true
        if let last = splitter.finish() { records.append(last) }
    }
}
