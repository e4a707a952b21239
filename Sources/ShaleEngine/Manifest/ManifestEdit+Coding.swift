internal import ShaleBytes

/// Bodies of edits. Integers are little-endian; byte strings have a varint length before them.
///
///     setPartition
///     size     field
///     8        partition id
///     8        table id
///     bytes    lower key
///     1        1 if an upper key follows, else 0
///     bytes    upper key
///     8        flushed through
///     varint   number of runs, newest first; for each
///       8      run id
///       bytes  lower bound
///       varint number of pieces; for each
///         8    file number
///         4    section
///         8    size in bytes
///         8    number of entries
///         8    number of tombstones among them
///         bytes first key
///         bytes last key
///         varint number of blob segments that its entries refer to, ascending; for each
///           8   file number (`BlobShare`)
///           8   bytes of it that they refer to
extension ManifestEdit {
    private enum Kind: UInt8 {
        case addTable = 1, removeTable, setPartition, removePartition, addFile, removeFile
        case addSegment, removeSegment, addSpare, removeSpare, nextNumbers, logSynced, closed,
            opened, addBlobFile, removeBlobFile
    }

    /// Why edits could not be decoded.
    enum Malformed: Error, Equatable {
        case truncated(Int)
        case unknownKind(UInt8)
    }

    static func encode(_ edits: [ManifestEdit]) -> [UInt8] {
        var writer = ByteWriter()
        for edit in edits {
            var body = ByteWriter()
            let kind = edit.encodeBody(into: &body)
            writer.append(kind.rawValue)
            writer.append(UInt8(0))
            writer.append(lengthPrefixed: body.take())
        }
        return writer.take()
    }

    static func decode(_ bytes: [UInt8]) throws(Malformed) -> [ManifestEdit] {
        var reader = ByteReader(bytes)
        var edits: [ManifestEdit] = []
        while !reader.isAtEnd {
            do throws(Truncated) {
                let rawKind = try reader.readByte()
                let flags = try reader.readByte()
                let length = try reader.readCount(limit: reader.remaining)
                let start = reader.offset
                try reader.skip(length)
                guard let kind = Kind(rawValue: rawKind) else {
                    if flags & ManifestFormat.mayIgnore != 0 { continue }
                    throw Truncated(offset: -Int(rawKind), needed: 0)
                }
                var body = ByteReader(bytes, in: start..<(start + length))
                edits.append(try decode(kind, &body))
                if !body.isAtEnd { throw Truncated(offset: body.offset, needed: 0) }
            } catch {
                if error.offset < 0 { throw .unknownKind(UInt8(-error.offset)) }
                throw .truncated(error.offset)
            }
        }
        return edits
    }

    private func encodeBody(into writer: inout ByteWriter) -> Kind {
        switch self {
        case .addTable(let table):
            writer.append(integer: table.id.rawValue)
            writer.append(integer: table.hashSeed)
            return .addTable
        case .removeTable(let id):
            writer.append(integer: id.rawValue)
            return .removeTable
        case .setPartition(let partition):
            Self.encode(partition, into: &writer)
            return .setPartition
        case .removePartition(let id):
            writer.append(integer: id.rawValue)
            return .removePartition
        case .addFile(let file):
            writer.append(integer: file.number.rawValue)
            file.identity.append(to: &writer)
            writer.append(integer: UInt64(file.sizeBytes))
            writer.append(integer: file.footerChecksum)
            return .addFile
        case .removeFile(let number):
            writer.append(integer: number.rawValue)
            return .removeFile
        case .addSegment(let segment):
            writer.append(integer: segment.number.rawValue)
            writer.append(integer: segment.file.rawValue)
            segment.identity.append(to: &writer)
            writer.append(integer: UInt64(segment.capacityBytes))
            return .addSegment
        default:
            return encodeSmallBody(into: &writer)
        }
    }

    private func encodeSmallBody(into writer: inout ByteWriter) -> Kind {
        switch self {
        case .addBlobFile(let file):
            file.append(to: &writer)
            return .addBlobFile
        case .removeBlobFile(let number):
            writer.append(integer: number.rawValue)
            return .removeBlobFile
        case .removeSegment(let number):
            writer.append(integer: number.rawValue)
            return .removeSegment
        case .addSpare(let number, let capacityBytes):
            writer.append(integer: number.rawValue)
            writer.append(integer: UInt64(capacityBytes))
            return .addSpare
        case .removeSpare(let number):
            writer.append(integer: number.rawValue)
            return .removeSpare
        case .nextNumbers(let next):
            writer.append(integer: next.file.rawValue)
            writer.append(integer: next.table.rawValue)
            writer.append(integer: next.partition.rawValue)
            writer.append(integer: next.run.rawValue)
            writer.append(integer: next.segment.rawValue)
            return .nextNumbers
        case .logSynced(let position):
            writer.append(integer: position.rawValue)
            return .logSynced
        case .closed(let position):
            writer.append(integer: position.rawValue)
            return .closed
        case .opened:
            return .opened
        default:
            preconditionFailure("encodeBody handles the other kinds")
        }
    }

    private static func encode(_ partition: PartitionRecord, into writer: inout ByteWriter) {
        writer.append(integer: partition.id.rawValue)
        writer.append(integer: partition.table.rawValue)
        writer.append(lengthPrefixed: partition.lower)
        writer.append(UInt8(partition.upper == nil ? 0 : 1))
        if let upper = partition.upper { writer.append(lengthPrefixed: upper) }
        writer.append(integer: partition.flushedThrough.rawValue)
        writer.append(varint: partition.runs.count)
        for run in partition.runs {
            writer.append(integer: run.id.rawValue)
            writer.append(lengthPrefixed: run.lowerBound)
            writer.append(varint: run.pieces.count)
            for piece in run.pieces {
                writer.append(integer: piece.file.rawValue)
                writer.append(integer: UInt32(piece.section))
                writer.append(integer: UInt64(piece.sizeBytes))
                writer.append(integer: UInt64(piece.entryCount))
                writer.append(integer: UInt64(piece.tombstoneCount))
                writer.append(lengthPrefixed: piece.firstKey)
                writer.append(lengthPrefixed: piece.lastKey)
                writer.append(varint: piece.blobs.shares.count)
                for share in piece.blobs.shares { share.append(to: &writer) }
            }
        }
    }

    private static func decode(
        _ kind: Kind,
        _ body: inout ByteReader
    ) throws(Truncated) -> ManifestEdit {
        switch kind {
        case .addTable:
            let id = TableID(try body.read(UInt64.self))
            return .addTable(EngineTable(id: id, hashSeed: try body.read(UInt64.self)))
        case .removeTable: return .removeTable(TableID(try body.read(UInt64.self)))
        case .setPartition: return .setPartition(try decodePartition(&body))
        case .removePartition: return .removePartition(PartitionID(try body.read(UInt64.self)))
        case .addFile:
            return .addFile(
                RunFileReference(
                    number: FileNumber(try body.read(UInt64.self)),
                    identity: try FileIdentity(from: &body),
                    sizeBytes: Int(clamping: try body.read(UInt64.self)),
                    footerChecksum: try body.read(UInt32.self)
                )
            )
        case .removeFile: return .removeFile(FileNumber(try body.read(UInt64.self)))
        case .addSegment:
            return .addSegment(
                SegmentRecord(
                    number: SegmentNumber(try body.read(UInt32.self)),
                    file: FileNumber(try body.read(UInt64.self)),
                    identity: try FileIdentity(from: &body),
                    capacityBytes: Int(clamping: try body.read(UInt64.self))
                )
            )
        case .removeSegment: return .removeSegment(SegmentNumber(try body.read(UInt32.self)))
        case .addSpare:
            let number = FileNumber(try body.read(UInt64.self))
            return .addSpare(number, capacityBytes: Int(clamping: try body.read(UInt64.self)))
        case .removeSpare: return .removeSpare(FileNumber(try body.read(UInt64.self)))
        case .nextNumbers:
            return .nextNumbers(
                NextNumbers(
                    file: FileNumber(try body.read(UInt64.self)),
                    table: TableID(try body.read(UInt64.self)),
                    partition: PartitionID(try body.read(UInt64.self)),
                    run: RunID(try body.read(UInt64.self)),
                    segment: SegmentNumber(try body.read(UInt32.self))
                )
            )
        case .logSynced: return .logSynced(LogPosition(try body.read(UInt64.self)))
        case .closed: return .closed(LogPosition(try body.read(UInt64.self)))
        case .opened: return .opened
        case .addBlobFile: return .addBlobFile(try BlobFileReference(from: &body))
        case .removeBlobFile: return .removeBlobFile(FileNumber(try body.read(UInt64.self)))
        }
    }

    private static func decodePartition(
        _ body: inout ByteReader
    ) throws(Truncated) -> PartitionRecord {
        let id = PartitionID(try body.read(UInt64.self))
        let table = TableID(try body.read(UInt64.self))
        let lower = Array(try body.readLengthPrefixed())
        let hasUpper = try body.readByte() != 0
        let upper = hasUpper ? Array(try body.readLengthPrefixed()) : nil
        let flushedThrough = LogPosition(try body.read(UInt64.self))
        var runs: [RunRecord] = []
        for _ in 0..<(try body.readCount(limit: body.remaining)) {
            let run = RunID(try body.read(UInt64.self))
            let lowerBound = Array(try body.readLengthPrefixed())
            var pieces: [RunPiece] = []
            for _ in 0..<(try body.readCount(limit: body.remaining)) {
                pieces.append(
                    RunPiece(
                        file: FileNumber(try body.read(UInt64.self)),
                        section: Int(try body.read(UInt32.self)),
                        sizeBytes: Int(clamping: try body.read(UInt64.self)),
                        entryCount: Int(clamping: try body.read(UInt64.self)),
                        tombstoneCount: Int(clamping: try body.read(UInt64.self)),
                        firstKey: Array(try body.readLengthPrefixed()),
                        lastKey: Array(try body.readLengthPrefixed()),
                        blobs: try BlobShares(
                            from: &body,
                            count: try body.readCount(limit: body.remaining)
                        )
                    )
                )
            }
            runs.append(RunRecord(id: run, pieces: pieces, lowerBound: lowerBound))
        }
        return PartitionRecord(
            id: id,
            table: table,
            lower: lower,
            upper: upper,
            flushedThrough: flushedThrough,
            runs: runs
        )
    }
}
