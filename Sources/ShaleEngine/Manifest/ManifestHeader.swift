internal import ShaleBytes

/// The first 64 bytes of a manifest; drawn in `ManifestFormat`.
struct ManifestHeader: Equatable, Sendable {
    var database: FileIdentity
    var generation: UInt64
    var clock: DatabaseClock

    var bytes: [UInt8] {
        var writer = ByteWriter(reservingCapacity: ManifestFormat.headerSize)
        writer.append(ManifestFormat.magic)
        writer.append(integer: ManifestFormat.version)
        writer.append(integer: clock.rawValue)
        writer.append(zeros: 3)
        database.append(to: &writer)
        writer.append(integer: generation)
        writer.append(zeros: ManifestFormat.headerChecksumOffset - writer.count)
        writer.append(integer: Checksum.crc32c(writer.bytes))
        return writer.take()
    }

    /// The checksum with which the chain of groups begins.
    var checksum: UInt32 { Self.checksum(of: bytes) }

    init(database: FileIdentity, generation: UInt64, clock: DatabaseClock) {
        self.database = database
        self.generation = generation
        self.clock = clock
    }

    /// Decodes the beginning of a manifest.
    init(decoding bytes: [UInt8]) throws(EngineError) {
        func damaged(_ offset: Int, _ reason: String) -> EngineError {
            EngineError(.corrupted, file: ManifestFormat.fileName, offset: offset, reason)
        }
        guard bytes.count >= ManifestFormat.headerSize else {
            throw damaged(bytes.count, "the manifest is shorter than its header")
        }
        var reader = ByteReader(bytes)
        do throws(Truncated) {
            guard try Array(reader.readBytes(ManifestFormat.magic.count)) == ManifestFormat.magic
            else {
                throw Truncated(offset: 0, needed: 0)
            }
            let version = try reader.read(UInt32.self)
            let clock = try reader.read(UInt8.self)
            try reader.skip(3)
            database = try FileIdentity(from: &reader)
            generation = try reader.read(UInt64.self)
            try reader.skip(ManifestFormat.headerChecksumOffset - reader.offset)
            guard try reader.read(UInt32.self) == Self.checksum(of: bytes) else {
                throw Truncated(offset: ManifestFormat.headerChecksumOffset, needed: 0)
            }
            guard version <= ManifestFormat.version else {
                throw Truncated(offset: ManifestFormat.magic.count, needed: Int(version))
            }
            guard let known = DatabaseClock(rawValue: clock) else {
                throw Truncated(offset: ManifestFormat.clockOffset, needed: Int(clock))
            }
            self.clock = known
        } catch {
            switch error.offset {
            case 0: throw damaged(0, "this is not a manifest: its first bytes are not \"SHALEMAN\"")
            case ManifestFormat.magic.count:
                throw EngineError(
                    .newerFormat,
                    file: ManifestFormat.fileName,
                    offset: error.offset,
                    "the database has format \(error.needed), this program knows formats up to "
                        + "\(ManifestFormat.version): open it with a newer program"
                )
            case ManifestFormat.clockOffset:
                throw EngineError(
                    .newerFormat,
                    file: ManifestFormat.fileName,
                    offset: error.offset,
                    "the database has a clock of kind \(error.needed), which this program does not know: "
                        + "open it with a newer program"
                )
            default: throw damaged(0, "the checksum of the manifest's header does not match")
            }
        }
    }

    private static func checksum(of bytes: [UInt8]) -> UInt32 {
        // Safety: every bit pattern of a byte is a byte; the bytes hold a whole header.
        unsafe Checksum.crc32c(
            bytes.span.bytes.extracting(0..<ManifestFormat.headerChecksumOffset)
        )
    }
}
