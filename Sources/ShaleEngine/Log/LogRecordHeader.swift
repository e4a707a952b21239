internal import ShaleBytes

/// The header of a log record, in memory.
struct LogRecordHeader: Equatable, Sendable {
    var checksum: UInt32 = 0
    var payloadChecksum: UInt32
    var previousChecksum: UInt32
    var payloadLength: Int
    var kind: LogRecordKind
    var flags: LogRecordFlags
    var segment: SegmentNumber
    var position: LogPosition
    var syncedThrough: LogPosition
    var wallMilliseconds: Int64

    /// Bytes of header and payload, without what follows them.
    var sizeBytes: Int { LogRecordFormat.headerSize + payloadLength }

    /// The header's bytes, with the checksum filled in; sets `checksum`.
    mutating func encode(seed: UInt32) -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: LogRecordFormat.headerSize)
        writer.append(integer: UInt32(0))
        writer.append(integer: payloadChecksum)
        writer.append(integer: previousChecksum)
        writer.append(integer: UInt32(payloadLength))
        writer.append(kind.rawValue)
        writer.append(flags.rawValue)
        writer.append(UInt8(0))
        writer.append(UInt8(0))
        writer.append(integer: segment.rawValue)
        writer.append(integer: position.rawValue)
        writer.append(integer: syncedThrough.rawValue)
        writer.append(integer: wallMilliseconds)
        checksum = Self.checksum(of: writer.bytes, at: 0, seed: seed)
        writer.overwrite(checksum, at: LogRecordFormat.headerChecksumOffset)
        return writer.take()
    }

    /// Decodes the header at `offset` of `bytes`; nil when it is not a whole header of segment
    /// `segment` that was written at `position`.
    init?(
        _ bytes: [UInt8],
        at offset: Int,
        segment: SegmentNumber,
        position: LogPosition,
        seed: UInt32
    ) {
        guard offset >= 0, offset + LogRecordFormat.headerSize <= bytes.count else { return nil }
        var reader = ByteReader(bytes, in: offset..<(offset + LogRecordFormat.headerSize))
        do throws(Truncated) {
            checksum = try reader.read(UInt32.self)
            payloadChecksum = try reader.read(UInt32.self)
            previousChecksum = try reader.read(UInt32.self)
            payloadLength = Int(try reader.read(UInt32.self))
            let rawKind = try reader.readByte()
            flags = LogRecordFlags(rawValue: try reader.readByte())
            let codecAndKey = try reader.read(UInt16.self)
            let rawSegment = try reader.read(UInt32.self)
            let rawPosition = try reader.read(UInt64.self)
            syncedThrough = LogPosition(try reader.read(UInt64.self))
            wallMilliseconds = try reader.read(Int64.self)
            // The cheap comparisons first: recovery asks this at every eighth byte of a torn tail.
            guard rawSegment == segment.rawValue, rawPosition == position.rawValue,
                codecAndKey == 0, let kind = LogRecordKind(rawValue: rawKind),
                checksum == Self.checksum(of: bytes, at: offset, seed: seed)
            else { return nil }
            self.kind = kind
            self.segment = segment
            self.position = position
        } catch {
            return nil
        }
    }

    /// Whether `bytes` begin with a whole header of `segment`, wherever it was written.
    static func isWhole(_ bytes: [UInt8], segment: SegmentNumber, seed: UInt32) -> Bool {
        guard bytes.count >= LogRecordFormat.headerSize else { return false }
        var reader = ByteReader(bytes, in: LogRecordFormat.positionOffset..<bytes.count)
        do throws(Truncated) {
            let position = LogPosition(try reader.read(UInt64.self))
            return LogRecordHeader(bytes, at: 0, segment: segment, position: position, seed: seed)
                != nil
        } catch {
            return false
        }
    }

    init(
        kind: LogRecordKind,
        payloadLength: Int,
        payloadChecksum: UInt32,
        segment: SegmentNumber,
        position: LogPosition
    ) {
        self.kind = kind
        self.payloadLength = payloadLength
        self.payloadChecksum = payloadChecksum
        self.segment = segment
        self.position = position
        previousChecksum = 0
        flags = []
        syncedThrough = .zero
        wallMilliseconds = 0
    }

    private static func checksum(of bytes: [UInt8], at offset: Int, seed: UInt32) -> UInt32 {
        let start = offset + LogRecordFormat.payloadChecksumOffset
        let end = offset + LogRecordFormat.headerSize
        // Safety: every bit pattern of a byte is a byte, and the range was checked by the caller.
        return unsafe Checksum.crc32c(bytes.span.bytes.extracting(start..<end), seed: seed)
    }
}

extension LogRecordHeader {
    /// How far the manifest was synced when a mark or seal was written.
    struct ManifestWitness: Equatable, Sendable {
        var generation: UInt64
        var lengthBytes: UInt64

        var payload: [UInt8] {
            var writer = ByteWriter(reservingCapacity: LogRecordFormat.manifestWitnessSize)
            writer.append(integer: generation)
            writer.append(integer: lengthBytes)
            return writer.take()
        }

        init(generation: UInt64, lengthBytes: UInt64) {
            self.generation = generation
            self.lengthBytes = lengthBytes
        }

        init?(payload: ArraySlice<UInt8>) {
            guard payload.count == LogRecordFormat.manifestWitnessSize else { return nil }
            var reader = ByteReader(Array(payload))
            do throws(Truncated) {
                generation = try reader.read(UInt64.self)
                lengthBytes = try reader.read(UInt64.self)
            } catch {
                return nil
            }
        }
    }
}
