import ShaleBytes
import ShalePlatform
import Testing

@testable import ShaleEngine

/// What each way of reading needs from the disk, and what it leaves in the cache.
@Suite struct ReadModeTests {
    private func entries() -> [TestEntry] {
        var maker = EntryMaker(seed: 1)
        return maker.entries(2000, largestValue: 60)
    }

    @Test func `a read in memory says so when it needs the disk`() throws {
        let entries = entries()
        let section = try RunFixture().make([entries]).section(0)
        let key = try #require(entries.first).key
        let hash = RunFormat.keyHash(key)
        func codes() -> [EngineError.Code?] {
            var codes: [EngineError.Code?] = []
            do throws(EngineError) {
                _ = try section.get(key, keyHash: hash, .memoryOnly)
                codes.append(nil)
            } catch { codes.append(error.code) }
            do throws(EngineError) {
                let one = EntryRange(lower: key, upper: key + [0])
                _ = try section.entries(one, .ascending, .memoryOnly)
                codes.append(nil)
            } catch { codes.append(error.code) }
            return codes
        }
        #expect(codes() == [.wouldBlock, .wouldBlock])
        _ = try section.summary(.blocking)
        #expect(codes() == [.wouldBlock, .wouldBlock])
        _ = try section.get(key, keyHash: hash, .blocking)
        #expect(codes() == [nil, nil])
    }

    @Test func `what one read left in memory the next finds there`() throws {
        let entries = entries()
        let section = try RunFixture().make([entries]).section(0)
        #expect(try section.entries(.all, .ascending, .blocking) == entries)
        #expect(try section.entries(.all, .ascending, .memoryOnly) == entries)
        for entry in entries {
            let hash = RunFormat.keyHash(entry.key)
            _ = try section.get(entry.key, keyHash: hash, .blocking)
            let found = try section.get(entry.key, keyHash: hash, .memoryOnly).found
            #expect(found == .some(entry.value))
        }
    }

    @Test func `a sequential scan leaves the cache alone`() throws {
        let entries = entries()
        let fixture = try RunFixture()
        let section = try fixture.make([entries]).section(0)
        #expect(try section.entries(.all, .ascending, .sequential) == entries)
        #expect(try section.entries(.all, .descending, .sequential) == entries.reversed())
        #expect(fixture.cache.statistics == BlockCache(capacityBytes: 16 << 20).statistics)
    }

    @Test func `a removed file leaves nothing in the cache`() throws {
        let fixture = try RunFixture()
        let file = try fixture.make([entries()])
        _ = try file.section(0).entries(.all, .ascending, .blocking)
        #expect(fixture.cache.statistics.blockCount > 0)
        file.dropBlocks()
        #expect(fixture.cache.statistics.blockCount == 0)
        #expect(fixture.cache.statistics.bytes == 0)
    }

    @Test func `a filter keeps reads of absent keys away from blocks`() throws {
        var maker = EntryMaker(seed: 2)
        let fixture = try RunFixture()
        let section = try fixture.make([entries()]).section(0)
        let table = EngineTable(id: TableID(1), hashSeed: 7)
        var passed = 0
        for _ in 0..<2000 {
            let partition = maker.generator.bytes(24)
            let range = table.range(partition: partition)
            if try section.mayContainPartition(of: range, .blocking) { passed += 1 }
            let key = table.key(partition: partition, sort: [1]).bytes
            let hash = RunFormat.keyHash(key)
            #expect(try section.get(key, keyHash: hash, .blocking).found == nil)
        }
        // Ten bits a key let about one in a hundred through.
        #expect(passed < 60)
        // Of 15 leaves and blocks, filter and root are read always; blocks by what passes only.
        #expect(fixture.cache.statistics.misses < 60)
    }

    @Test func `a filter knows every partition key of a section`() throws {
        let entries = entries()
        let section = try RunFixture().make([entries], shape: RunFixture.shape(filterBits: 64))
            .section(0)
        for entry in entries where entry.key.count >= EntryKey.partitionOffset {
            let length = EntryKey.partitionOffset + EntryKey.partition(in: entry.key).count
            let range = EntryRange(prefix: Array(entry.key.prefix(length)))
            #expect(try section.mayContainPartition(of: range, .blocking))
        }
        #expect(try section.mayContainPartition(of: .all, .blocking))
    }

    @Test func `an abandoned file is gone`() throws {
        let fixture = try RunFixture()
        var writer = try RunFileWriter(
            FileNumber(1),
            in: RunFixture.directory,
            identity: RunFixture.identity,
            shape: RunFixture.shape(),
            files: fixture.files
        )
        writer.beginSection(RunFixture.origin)
        try writer.append(key: [1], value: [2])
        try writer.abandon()
        #expect(try fixture.files.list(RunFixture.directory) == [])
    }

    @Test func `a full disk is said so and leaves no file`() throws {
        let files = MemoryFileSystem(capacityBytes: 2000)
        try files.createDirectory(RunFixture.directory)
        var generator = SeededGenerator(seed: 1)
        let error = #expect(throws: EngineError.self) {
            var writer = try RunFileWriter(
                FileNumber(1),
                in: RunFixture.directory,
                identity: RunFixture.identity,
                shape: RunFixture.shape(),
                files: files
            )
            writer.beginSection(RunFixture.origin)
            for key in 0..<100 {
                try writer.append(key: [UInt8(key)], value: generator.bytes(100))
            }
            try writer.endSection()
            _ = try writer.finish()
        }
        #expect(error?.code == .diskFull)
        #expect(try files.list(RunFixture.directory) == [])
    }

    @Test func `a section without entries leaves no trace`() throws {
        let fixture = try RunFixture()
        let written = try fixture.write([[], [TestEntry("a", "b")], []])
        #expect(written.sections.count == 1)
        #expect(try fixture.open(written.reference).sections(.blocking).count == 1)
    }

    @Test func `keys out of order are the writer's defect`() async {
        await #expect(processExitsWith: .failure) {
            _ = try RunFixture().write([[TestEntry("b", "1"), TestEntry("a", "2")]])
        }
    }
}
