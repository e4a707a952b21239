internal import ShaleBytes

/// Replays the groups of a manifest. Total: any bytes give a state or an error.
struct ManifestReader {
    /// One group as it lies in the file.
    struct Group: Equatable, Sendable {
        var offset: Int
        var sizeBytes: Int
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

    /// Reads a whole file. A group that is torn or damaged ends the reading; whether that is allowed is
    /// for the caller to decide from `stop`. A contradiction inside whole groups is always damage.
    init(_ bytes: [UInt8]) throws(EngineError) {
        header = try ManifestHeader(decoding: bytes)
        end = ManifestFormat.headerSize
        chain = header.checksum
        guard end < bytes.count else {
            throw EngineError(
                .corrupted,
                file: ManifestFormat.fileName,
                offset: end,
                "the manifest ends behind its header"
            )
        }
        while end < bytes.count {
            switch Self.group(at: end, in: bytes, chain: chain) {
            case .whole(let group, let checksum):
                for edit in group.edits { try apply(edit, at: group.offset) }
                groups.append(group)
                end += group.sizeBytes
                chain = checksum
            case .broken(let reason):
                stop = EngineError(
                    .corrupted,
                    file: ManifestFormat.fileName,
                    offset: end,
                    reason
                )
                // The first group was whole before the file got its name, and every group was synced
                // before the next was written: only the last one can be torn.
                if let stop, groups.isEmpty || Self.goesOn(bytes, behind: end) { throw stop }
                return
            }
        }
    }

    /// Whether a group begins behind `offset`: each holds its own offset.
    private static func goesOn(_ bytes: [UInt8], behind offset: Int) -> Bool {
        let place = MemoryLayout<UInt64>.size
        var candidate = offset + ManifestFormat.groupHeaderSize
        while candidate + ManifestFormat.groupHeaderSize <= bytes.count {
            var value: UInt64 = 0
            for index in (0..<place).reversed() {
                value = value << 8 | UInt64(bytes[candidate + place + index])
            }
            if value == UInt64(candidate) { return true }
            candidate += 1
        }
        return false
    }

    private mutating func apply(_ edit: ManifestEdit, at offset: Int) throws(EngineError) {
        do throws(ManifestState.Contradiction) {
            try state.apply(edit)
        } catch {
            throw EngineError(
                .corrupted,
                file: ManifestFormat.fileName,
                offset: offset,
                "the group \(error.reason)"
            )
        }
    }

    private enum Step {
        case whole(Group, checksum: UInt32)
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
                Group(offset: offset, sizeBytes: size, edits: try decode(edits)),
                checksum: checksum
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
