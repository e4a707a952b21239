import ShaleBytes
import ShalePlatform
import Simulation
import Testing

@testable import ShaleEngine

/// What is wrong with a blob segment, or with what refers to it, is named; what is dead in it as well.
struct BlobDamageTests {
    private let simulation = SimulatedWorld(seed: 1)

    private func open() throws -> Engine {
        var options = EngineOptions()
        options.memoryBudgetBytes = 1024 * 1024
        options.runFileSizeBytes = 32 * 1024
        options.compression = .none
        let (chosen, world) = (options, simulation.world)
        return try simulation.runTask { try await Engine.open("db", chosen, in: world) }
    }

    private func put(
        _ engine: Engine,
        _ table: EngineTable,
        _ keys: Range<UInt8>,
        _ byte: UInt8
    ) throws {
        for key in keys {
            var batch = WriteBatch()
            let value = [UInt8](repeating: byte, count: 5_000)
            batch.put(table.id, table.key(partition: [key]), value)
            let whole = batch
            _ = try simulation.runTask { try await engine.write(whole) }
        }
        try simulation.runTask { try await engine.flush() }
    }

    private func read(_ engine: Engine, _ table: EngineTable, _ key: UInt8) throws -> [UInt8]? {
        try simulation.runTask {
            try await engine.read { view throws(EngineError) in
                try view.get(table.id, table.key(partition: [key]))
            }
        }
    }

    private func blobParts() throws -> [(name: String, part: FilePart)] {
        let files = simulation.files
        return try files.list("db").filter { $0.hasSuffix(".blob") }.sorted().flatMap { name in
            try FileInspector.parts(of: "db/" + name, in: files).map { (name, $0) }
        }
    }

    @Test func `a blob that no run refers to is called stale, and verify does not mind`() throws {
        let engine = try open()
        let table = try simulation.runTask { try await engine.createTable() }
        try put(engine, table, 0..<4, 1)
        #expect(try blobParts().filter { $0.part.what == "blob" }.count == 4)
        try put(engine, table, 0..<1, 2)
        try simulation.runTask { try await engine.compact() }
        try simulation.runTask { try await engine.close() }
        let parts = try blobParts()
        #expect(parts.filter { $0.part.what == "blob" }.count == 4)
        #expect(parts.filter { $0.part.what == "stale blob" }.count == 1)
        let header = try #require(parts.first { $0.part.what == "header" })
        #expect(header.part.lines.last == "runs refer to 15015 of its 20020 bytes of blobs")
        #expect(try Verification.run("db", in: simulation.world).problems == [])
    }

    @Test func `every flipped bit of a segment is named by verify, with file and offset`() throws {
        let engine = try open()
        let table = try simulation.runTask { try await engine.createTable() }
        try put(engine, table, 0..<2, 1)
        try simulation.runTask { try await engine.close() }
        let parts = try blobParts()
        #expect(parts.map(\.part.what) == ["header", "blob", "blob", "blob directory", "footer"])
        for (name, part) in parts {
            for offset in [
                part.offset, part.offset + part.sizeBytes / 2, part.range.upperBound - 1,
            ] {
                let bit = UInt8(1) << UInt8(offset % 8)
                try simulation.disk.damage("db/" + name, at: offset, flipping: bit)
                let problems = try Verification.run("db", in: simulation.world).problems
                #expect(
                    problems.contains { $0.file == name && $0.offset == part.offset },
                    "\(part.what) at \(offset): \(problems)"
                )
                let damaged = try blobParts().filter(\.part.isDamaged)
                #expect(damaged.contains { $0.part.range.contains(offset) })
                try simulation.disk.damage("db/" + name, at: offset, flipping: bit)
            }
        }
        #expect(try Verification.run("db", in: simulation.world).problems == [])
    }

    @Test func `a collection leaves a damaged blob where it is and moves the others`() throws {
        let engine = try open()
        let table = try simulation.runTask { try await engine.createTable() }
        try put(engine, table, 0..<6, 1)
        let (name, _) = try #require(try blobParts().first)
        let blobs = try blobParts().filter { $0.name == name && $0.part.what == "blob" }
        // Of the values in this segment those that stay: one of them is damaged.
        let damaged = blobs[0].part
        try simulation.disk.damage("db/" + name, at: damaged.offset + 9, flipping: 1)
        let lost = (0..<6 as Range<UInt8>).filter { key in
            do { return try read(engine, table, key) == nil } catch { return true }
        }
        try #require(lost.count == 1)
        try put(engine, table, 100..<104, 3)
        for key in 0..<6 as Range<UInt8> where key != lost[0] && key != (lost[0] + 1) % 6 {
            try put(engine, table, key..<(key + 1), 2)
        }
        try simulation.runTask { try await engine.compact() }
        try simulation.scheduler.run(for: .seconds(1))
        #expect(try simulation.files.list("db").contains(name))
        let error = #expect(throws: EngineError.self) { try read(engine, table, lost[0]) }
        #expect(error?.code == .corrupted && error?.file == name && error?.offset == damaged.offset)
        #expect(try read(engine, table, (lost[0] + 1) % 6)?.first == 1)
        #expect(try read(engine, table, (lost[0] + 2) % 6)?.first == 2)
        try simulation.runTask { try await engine.close() }
        let problems = try Verification.run("db", in: simulation.world).problems
        #expect(problems.map(\.file) == [name] && problems.map(\.offset) == [damaged.offset])
    }

    @Test func `a reference to where no blob begins, or to another blob, is named`() throws {
        let piece = PiecePointer(offset: 32, length: 105, checksum: 7)
        var table = BlobTable(blobs: [BlobTable.Blob(piece: piece, valueSize: 100)])
        let good = BlobReference(file: FileNumber(9), piece: piece, valueSize: 100)
        #expect(table.objection(to: good) == nil)
        var elsewhere = good
        elsewhere.piece.offset = 33
        var other = good
        other.piece.checksum = 8
        var shorter = good
        shorter.valueSize = 99
        for bad in [elsewhere, other, shorter] {
            #expect(table.objection(to: bad) != nil)
            let problems = try problemsOfRun(with: bad, [bad.file: table])
            #expect(problems.count == 1 && problems.first?.file == "000001.run")
        }
        #expect(try problemsOfRun(with: good, [good.file: table]) == [])
        table.isIncomplete = true
        #expect(table.objection(to: elsewhere) == nil)
    }

    /// What verify says of a run file with one entry, which is a reference.
    private func problemsOfRun(
        with reference: BlobReference,
        _ blobs: [FileNumber: BlobTable]
    ) throws -> [EngineError] {
        let files = MemoryFileSystem()
        try files.createDirectory("db")
        var writer = try RunFileWriter(
            FileNumber(1),
            in: "db",
            identity: RunFixture.identity,
            shape: RunFixture.shape(),
            files: files
        )
        writer.beginSection(SectionOrigin(oldest: LogPosition(1), newest: LogPosition(2)))
        var bytes = ByteBuffer()
        reference.append(to: &bytes)
        let value = bytes.copied()
        try [1, 2, 3].withLentBytes { key in
            try value.withLentBytes { try writer.append(key: key, value: $0, kind: .blob) }
        }
        try writer.endSection()
        let written = try writer.finish()
        let share = BlobShare(file: reference.file, sizeBytes: reference.storedBytes)
        #expect(written.sections[0].blobs.shares == [share])
        let file = try files.open("db/000001.run", .read)
        return try RunFileVerifier.problems(of: file, written.reference, blobs: blobs)
    }

    @Test func `shares of segments are drawn, and ascend`() throws {
        var shares = BlobShares()
        shares.add(BlobShare(file: FileNumber(9), sizeBytes: 0x0102))
        shares.add(BlobShare(file: FileNumber(3), sizeBytes: 5))
        var writer = ByteWriter()
        for share in shares.shares { share.append(to: &writer) }
        let bytes = writer.take()
        #expect(
            bytes == [
                3, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0,
                9, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0,
            ]
        )
        var reader = ByteReader(bytes)
        #expect(try BlobShares(from: &reader, count: 2) == shares)
        for wrong in [bytes + bytes, Array(bytes[16...] + bytes[..<16])] {
            var reader = ByteReader(wrong)
            #expect(throws: Truncated.self) {
                try BlobShares(from: &reader, count: wrong.count / BlobShare.sizeBytes)
            }
        }
        var short = ByteReader(bytes)
        #expect(throws: Truncated.self) { try BlobShares(from: &short, count: 3) }
    }
}
