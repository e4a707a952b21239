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
        seal(seed: seed)
        var bytes: [UInt8] = []
        bytes.append(words)
        return bytes
    }

    /// Fills in the checksum.
    mutating func seal(seed: UInt32) {
        checksum = Self.checksum(of: words, seed: seed)
    }

    /// The checksum of a header, whatever the one in it.
    private static func checksum(of words: HeaderWords, seed: UInt32) -> UInt32 {
        // Safety: the bytes of integers are bytes, and the span does not outlive them.
        unsafe withUnsafeBytes(of: words) { bytes in
            unsafe Checksum.crc32c(
                RawSpan(_unsafeBytes: bytes)
                    .extracting(LogRecordFormat.payloadChecksumOffset..<LogRecordFormat.headerSize),
                seed: seed
            )
        }
    }

    /// The header as drawn, eight bytes at a time.
    var words: HeaderWords {
        let first = UInt64(checksum) | UInt64(payloadChecksum) << 32
        let second = UInt64(previousChecksum) | UInt64(UInt32(payloadLength)) << 32
        let third = UInt64(kind.rawValue) | UInt64(flags.rawValue) << 8
        return HeaderWords(
            first.littleEndian,
            second.littleEndian,
            (third | UInt64(segment.rawValue) << 32).littleEndian,
            position.rawValue.littleEndian,
            syncedThrough.rawValue.littleEndian,
            UInt64(bitPattern: wallMilliseconds).littleEndian
        )
    }

    /// A header that `words` gave: of this process's own making.
    init(words: HeaderWords) {
        let first = UInt64(littleEndian: words.first)
        let second = UInt64(littleEndian: words.second)
        let third = UInt64(littleEndian: words.third)
        guard let kind = LogRecordKind(rawValue: UInt8(truncatingIfNeeded: third)) else {
            preconditionFailure("a header that was just made has a kind")
        }
        checksum = UInt32(truncatingIfNeeded: first)
        payloadChecksum = UInt32(truncatingIfNeeded: first >> 32)
        previousChecksum = UInt32(truncatingIfNeeded: second)
        payloadLength = Int(second >> 32)
        self.kind = kind
        flags = LogRecordFlags(rawValue: UInt8(truncatingIfNeeded: third >> 8))
        segment = SegmentNumber(UInt32(truncatingIfNeeded: third >> 32))
        position = LogPosition(UInt64(littleEndian: words.fourth))
        syncedThrough = LogPosition(UInt64(littleEndian: words.fifth))
        wallMilliseconds = Int64(bitPattern: UInt64(littleEndian: words.sixth))
    }

    /// Decodes the header at `offset` of `bytes`; nil when it is not a whole header of segment
    /// `segment` that was written at `position`.
    init?(
        _ bytes: LentBytes,
        at offset: Int,
        segment: SegmentNumber,
        position: LogPosition,
        seed: UInt32
    ) {
        guard offset >= 0, offset + LogRecordFormat.headerSize <= bytes.count else { return nil }
        let words = HeaderWords(bytes, at: offset)
        let third = UInt64(littleEndian: words.third)
        let codecAndKey = UInt16(truncatingIfNeeded: third >> 16)
        // The cheap comparisons first: recovery asks this at every eighth byte of a torn tail.
        guard UInt32(truncatingIfNeeded: third >> 32) == segment.rawValue,
            UInt64(littleEndian: words.fourth) == position.rawValue, codecAndKey == 0,
            LogRecordKind(rawValue: UInt8(truncatingIfNeeded: third)) != nil,
            UInt32(truncatingIfNeeded: UInt64(littleEndian: words.first))
                == Self.checksum(of: words, seed: seed)
        else { return nil }
        self.init(words: words)
    }

    /// The same of an array.
    init?(
        _ bytes: [UInt8],
        at offset: Int,
        segment: SegmentNumber,
        position: LogPosition,
        seed: UInt32
    ) {
        let header = bytes.withLentBytes { bytes in
            LogRecordHeader(bytes, at: offset, segment: segment, position: position, seed: seed)
        }
        guard let header else { return nil }
        self = header
    }

    /// The whole header of `segment` with which `bytes` begin, wherever it was written; nil if there is none.
    init?(wholeIn bytes: [UInt8], segment: SegmentNumber, seed: UInt32) {
        guard bytes.count >= LogRecordFormat.headerSize else { return nil }
        var reader = ByteReader(bytes, in: LogRecordFormat.positionOffset..<bytes.count)
        do throws(Truncated) {
            let position = LogPosition(try reader.read(UInt64.self))
            self.init(bytes, at: 0, segment: segment, position: position, seed: seed)
        } catch {
            return nil
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

        init?(payload: LentBytes) {
            guard payload.count == LogRecordFormat.manifestWitnessSize else { return nil }
            generation = payload.integer(UInt64.self, at: 0)
            lengthBytes = payload.integer(UInt64.self, at: MemoryLayout<UInt64>.size)
        }
    }
}

/// The 48 bytes of a header as six words, so that they travel without an array.
struct HeaderWords: BitwiseCopyable, Sendable {
    let first, second, third, fourth, fifth, sixth: UInt64

    init(
        _ first: UInt64,
        _ second: UInt64,
        _ third: UInt64,
        _ fourth: UInt64,
        _ fifth: UInt64,
        _ sixth: UInt64
    ) {
        self.first = first
        self.second = second
        self.third = third
        self.fourth = fourth
        self.fifth = fifth
        self.sixth = sixth
    }

    /// The header at `offset`.
    @inline(__always)
    init(_ bytes: LentBytes, at offset: Int) {
        func word(_ index: Int) -> UInt64 {
            bytes.integer(UInt64.self, at: offset + index * MemoryLayout<UInt64>.size).littleEndian
        }
        self.init(word(0), word(1), word(2), word(3), word(4), word(5))
    }
}

extension [UInt8] {
    /// Appends a header.
    mutating func append(_ words: HeaderWords) {
        // Safety: the bytes of integers are bytes.
        unsafe Swift.withUnsafeBytes(of: words) { source in unsafe append(contentsOf: source) }
    }

    /// The header at `offset`.
    func words(at offset: Int) -> HeaderWords {
        // Safety: the load is bounds-checked, and every bit pattern of integers is valid.
        unsafe span.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: HeaderWords.self)
    }

    /// Writes a header over what lies at `offset`.
    mutating func store(_ words: HeaderWords, at offset: Int) {
        precondition(
            offset >= 0 && offset <= count - LogRecordFormat.headerSize,
            "the header lies inside"
        )
        // Safety: the range was just checked.
        unsafe withUnsafeMutableBytes { target in
            unsafe target.storeBytes(of: words, toByteOffset: offset, as: HeaderWords.self)
        }
    }
}
