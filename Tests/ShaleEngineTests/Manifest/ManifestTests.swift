import ShaleBytes
import ShalePlatform
import Simulation
import Testing

@testable import ShaleEngine

struct ManifestTests {
    private let table = EngineTable(id: TableID(4), hashSeed: 99)

    private var edits: [ManifestEdit] {
        var piece = RunPiece(
            file: FileNumber(5),
            section: 1,
            sizeBytes: 400,
            entryCount: 3,
            tombstoneCount: 1,
            firstKey: [1],
            lastKey: [2, 3]
        )
        piece.blobs.add(BlobShare(file: FileNumber(7), sizeBytes: 300))
        piece.blobs.add(BlobShare(file: FileNumber(6), sizeBytes: 20))
        piece.blobs.add(BlobShare(file: FileNumber(7), sizeBytes: 30))
        let run = RunRecord(id: RunID(8), pieces: [piece], lowerBound: [1])
        return [
            .nextNumbers(NextNumbers(file: FileNumber(9), table: TableID(5))),
            .addTable(table),
            .addFile(
                RunFileReference(
                    number: FileNumber(5),
                    identity: FileIdentity(first: 1, second: 2),
                    sizeBytes: 1000,
                    footerChecksum: 3
                )
            ),
            .addBlobFile(blobFile(FileNumber(6))),
            .addBlobFile(blobFile(FileNumber(7))),
            .addBlobFile(blobFile(FileNumber(8))),
            .setPartition(
                PartitionRecord(
                    id: PartitionID(2),
                    table: table.id,
                    lower: [],
                    upper: [0x80],
                    flushedThrough: LogPosition(77),
                    runs: [run]
                )
            ),
            .addSegment(
                SegmentRecord(
                    number: SegmentNumber(3),
                    file: FileNumber(1),
                    identity: FileIdentity(first: 3, second: 4),
                    capacityBytes: 4096
                )
            ),
            .addSpare(FileNumber(2), capacityBytes: 8192),
            .logSynced(LogPosition(500)),
            .closed(LogPosition(512)),
        ]
    }

    private func blobFile(_ number: FileNumber) -> BlobFileReference {
        BlobFileReference(
            number: number,
            identity: FileIdentity(first: 5, second: number.rawValue),
            sizeBytes: 2000,
            footerChecksum: 6,
            blobCount: 7,
            blobBytes: 1900
        )
    }

    @Test func `edits come back as they were written`() throws {
        let all = edits + [.removeBlobFile(FileNumber(8))]
        #expect(try ManifestEdit.decode(ManifestEdit.encode(all)) == all)
    }

    @Test func `what of blob segments is needed follows from the partitions alone`() throws {
        var state = ManifestState()
        for edit in edits { try state.apply(edit) }
        #expect(state.liveBlobBytes == [FileNumber(6): 20, FileNumber(7): 330])
        #expect(state.unreferenced.blobFiles == [FileNumber(8)])
        // A half of a split that shares the section needs nothing more.
        var half = try #require(state.partitions[PartitionID(2)])
        half.id = PartitionID(3)
        try state.apply(.setPartition(half))
        #expect(state.liveBlobBytes == [FileNumber(6): 20, FileNumber(7): 330])
        try state.apply(.removePartition(PartitionID(2)))
        try state.apply(.removePartition(PartitionID(3)))
        #expect(state.liveBlobBytes.isEmpty)
        #expect(state.unreferenced.files == [FileNumber(5)])
        #expect(state.unreferenced.blobFiles == [6, 7, 8].map { FileNumber($0) })
        try state.apply(.removeBlobFile(FileNumber(8)))
        #expect(throws: ManifestState.Contradiction.self) {
            try state.apply(.removeBlobFile(FileNumber(8)))
        }
    }

    @Test func `the edits of a state make the same state`() throws {
        var state = ManifestState()
        for edit in edits { try state.apply(edit) }
        var again = ManifestState()
        for edit in state.edits { try again.apply(edit) }
        #expect(again == state)
        #expect(state.referencedFiles == [FileNumber(5)])
    }

    @Test func `an edit is what the drawing says`() {
        let encoded = ManifestEdit.encode([.removeSegment(SegmentNumber(0x0102))])
        #expect(encoded == [8, 0, 4, 0x02, 0x01, 0, 0])
    }

    @Test func `an unknown edit is passed over only if it says that it may be`() throws {
        let unknown: [UInt8] = [200, 1, 2, 9, 9]
        #expect(try ManifestEdit.decode(unknown + [14, 0, 0]) == [.opened])
        #expect(throws: ManifestEdit.Malformed.unknownKind(200)) {
            try ManifestEdit.decode([200, 0, 2, 9, 9])
        }
    }

    @Test func `every cut and every flipped byte gives edits or an error`() {
        let bytes = ManifestEdit.encode(edits)
        for length in 0..<bytes.count { _ = try? ManifestEdit.decode(Array(bytes[..<length])) }
        for index in bytes.indices {
            for mask in [1, 0x80, 0xFF] as [UInt8] {
                var damaged = bytes
                damaged[index] ^= mask
                // Only that it answers counts here: the group's checksum guards the content.
                _ = try? ManifestEdit.decode(damaged)
            }
        }
    }

    @Test func `an edit that contradicts the state is refused`() {
        var state = ManifestState()
        #expect(throws: ManifestState.Contradiction.self) {
            try state.apply(.removeTable(TableID(1)))
        }
        #expect(throws: ManifestState.Contradiction.self) {
            try state.apply(.removeFile(FileNumber(1)))
        }
    }
}

/// What lies behind the last whole group of a manifest.
struct ManifestEndTests {
    private func group(at offset: Int, length: Int, _ body: [UInt8]) -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: ManifestFormat.groupHeaderSize)
        writer.append(integer: UInt32(1))
        writer.append(integer: UInt32(length))
        writer.append(integer: UInt64(offset))
        return writer.take() + body
    }

    /// Header and one group, as an empty database has them.
    private func manifest() throws -> [UInt8] {
        let simulation = SimulatedWorld(seed: 1)
        let world = simulation.world
        try simulation.runTask { try await Engine.open("db", in: world).close() }
        let bytes = try simulation.disk.contents("db/" + ManifestFormat.fileName)
        return Array(bytes[..<(try #require(try ManifestReader(bytes).groups.first).end)])
    }

    @Test func `a torn group in which a number is by chance its own offset is torn, and no damage`()
        throws
    {
        let whole = try manifest()
        var body = [UInt8](repeating: 7, count: 200)
        let place = 100
        let offset = whole.count + ManifestFormat.groupHeaderSize + place
        // A number of an edit, where a group would have its own offset.
        for index in 0..<8 {
            body[place + 8 + index] = UInt8(truncatingIfNeeded: UInt64(offset) >> UInt64(8 * index))
        }
        let torn = whole + group(at: whole.count, length: 900, body)
        let reader = try ManifestReader(torn)
        #expect(reader.end == whole.count)
        #expect(reader.stop?.code == .corrupted)
    }

    @Test func `a broken group in front of another one is damage`() throws {
        let whole = try manifest()
        let broken = group(at: whole.count, length: 20, [UInt8](repeating: 7, count: 20))
        let next = whole.count + broken.count
        // The one behind it may be torn itself.
        for length in [0, 900] {
            let bytes = whole + broken + group(at: next, length: length, [])
            let error = #expect(throws: EngineError.self) { try ManifestReader(bytes) }
            #expect(error?.code == .corrupted && error?.offset == whole.count)
        }
    }
}

extension ManifestReader.Group {
    fileprivate var end: Int { offset + sizeBytes }
}
