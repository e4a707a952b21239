internal import ShaleBytes

/// Replays the groups of a manifest.
///
/// Total: any bytes give a state or an error.
struct ManifestReader {
    /// One group as it lies in the file.
    struct Group: Equatable, Sendable {
        var offset: Int
        var sizeBytes: Int
        var checksum: UInt32
        var edits: [ManifestEdit]
    }

    let header: ManifestHeader
    private(set) var groups: [Group] = []
    private(set) var state = ManifestState()
    /// Behind the last whole group.
    private(set) var end: Int
    /// The checksum of the last whole group.
    private(set) var chain: UInt32
    /// Why reading ended before the end of the file, if it did.
    private(set) var stop: EngineError?

    /// Reads a whole file.
    ///
    /// A group that is torn or damaged ends the reading; whether that is allowed is for the caller
    /// to decide from `stop`. A contradiction inside whole groups is always damage.
    init(_ bytes: [UInt8]) throws(EngineError) {
        header = try ManifestHeader(decoding: bytes)
        end = ManifestFormat.headerSize
        chain = header.checksum
        while let group = nextGroup(bytes) {
            try apply(group)
            take(group)
        }
        // The first group was whole before the file got its name, and every group was synced before
        // the next was written: only the last one can be torn.
        guard groups.isEmpty || Self.goesOn(bytes, behind: end) else { return }
        throw stop
            ?? EngineError(
                .corrupted,
                file: ManifestFormat.fileName,
                offset: end,
                "the manifest ends behind its header"
            )
    }

    /// Whether a group begins behind `offset`: each holds its own offset, and either all of it is there or
    /// it begins where the broken group says that it ends.
    ///
    /// The offset alone would not do: in a torn group a number may be its own place by chance.
    private static func goesOn(_ bytes: [UInt8], behind offset: Int) -> Bool {
        let next = length(at: offset, in: bytes).map {
            offset + ManifestFormat.groupHeaderSize + $0
        }
        var candidate = offset + ManifestFormat.groupHeaderSize
        while candidate + ManifestFormat.groupHeaderSize <= bytes.count {
            if place(at: candidate, in: bytes) == UInt64(candidate),
                candidate == next || holdsEdits(at: candidate, in: bytes)
            {
                return true
            }
            candidate += 1
        }
        return false
    }

    private static func place(at offset: Int, in bytes: [UInt8]) -> UInt64 {
        let size = MemoryLayout<UInt64>.size
        return (0..<size).reduce(0) { $0 | UInt64(bytes[offset + size + $1]) << UInt64(8 * $1) }
    }

    private static func length(at offset: Int, in bytes: [UInt8]) -> Int? {
        guard offset + ManifestFormat.groupHeaderSize <= bytes.count else { return nil }
        let fields = (offset + ManifestFormat.groupLengthOffset)..<bytes.count
        var reader = ByteReader(bytes, in: fields)
        do throws(Truncated) {
            return Int(try reader.read(UInt32.self))
        } catch {
            return nil
        }
    }

    private static func holdsEdits(at offset: Int, in bytes: [UInt8]) -> Bool {
        let start = offset + ManifestFormat.groupHeaderSize
        guard let length = length(at: offset, in: bytes), length > 0,
            length <= bytes.count - start
        else { return false }
        do throws(Truncated) {
            return try !decode(Array(bytes[start..<(start + length)])).isEmpty
        } catch {
            return false
        }
    }

    /// As above, for one who wants all that is whole: a contradiction ends the reading like damage.
    init(salvaging bytes: [UInt8]) throws(EngineError) {
        header = try ManifestHeader(decoding: bytes)
        end = ManifestFormat.headerSize
        chain = header.checksum
        while let group = nextGroup(bytes) {
            let before = state
            do throws(EngineError) {
                try apply(group)
            } catch {
                state = before
                stop = error
                return
            }
            take(group)
        }
    }

    /// The group behind the last one; nil at the end, or where `stop` says why.
    private mutating func nextGroup(_ bytes: [UInt8]) -> Group? {
        guard end < bytes.count else { return nil }
        switch Self.group(at: end, in: bytes, chain: chain) {
        case .whole(let group): return group
        case .broken(let reason):
            stop = EngineError(.corrupted, file: ManifestFormat.fileName, offset: end, reason)
            return nil
        }
    }

    private mutating func take(_ group: Group) {
        groups.append(group)
        end += group.sizeBytes
        chain = group.checksum
    }

    private mutating func apply(_ group: Group) throws(EngineError) {
        do throws(ManifestState.Contradiction) {
            for edit in group.edits { try state.apply(edit) }
        } catch {
            throw EngineError(
                .corrupted,
                file: ManifestFormat.fileName,
                offset: group.offset,
                "the group \(error.reason)"
            )
        }
    }

    private enum Step {
        case whole(Group)
        case broken(String)
    }

    private static func group(at offset: Int, in bytes: [UInt8], chain: UInt32) -> Step {
        var reader = ByteReader(bytes, in: offset..<bytes.count)
        do throws(Truncated) {
            let checksum = try reader.read(UInt32.self)
            let length = Int(try reader.read(UInt32.self))
            let place = try reader.read(UInt64.self)
            guard place == UInt64(offset), length <= ManifestFormat.groupSizeLimitBytes else {
                return .broken("no group of edits begins here")
            }
            let edits = Array(try reader.readBytes(length))
            let range = (offset + ManifestFormat.groupLengthOffset)..<reader.offset
            // Safety: every bit pattern of a byte is a byte; the reader has passed the range.
            let actual = unsafe Checksum.crc32c(
                bytes.span.bytes.extracting(range),
                seed: chain
            )
            guard actual == checksum else { return .broken("the group's checksum does not match") }
            let size = reader.offset - offset
            return .whole(
                Group(
                    offset: offset,
                    sizeBytes: size,
                    checksum: checksum,
                    edits: try decode(edits)
                )
            )
        } catch {
            return error.offset < 0
                ? .broken("the group holds an edit that this program does not know")
                : .broken("the group is cut off")
        }
    }

    private static func decode(_ bytes: [UInt8]) throws(Truncated) -> [ManifestEdit] {
        do throws(ManifestEdit.Malformed) {
            return try ManifestEdit.decode(bytes)
        } catch {
            switch error {
            case .truncated(let offset): throw Truncated(offset: offset, needed: 0)
            case .unknownKind: throw Truncated(offset: -1, needed: 0)
            }
        }
    }
}
