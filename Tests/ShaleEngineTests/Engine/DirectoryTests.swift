import ShaleEngine
import ShalePlatform
import Testing

/// Directories that are not what they should be, and copies of those that are.
struct DirectoryTests {
    private func withWorld(_ body: (World) throws -> Void) throws {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        try body(world)
    }

    private func code(_ body: () throws -> Void) throws -> EngineError.Code? {
        do {
            try body()
            return nil
        } catch let error as EngineError {
            return error.code
        }
    }

    @Test func `a database is open once at a time`() throws {
        try withWorld { world in
            let engine = try Engine.openBlocking("db", in: world)
            let second = try code { _ = try Engine.openBlocking("db", in: world) }
            #expect(second == .locked)
            try engine.closeBlocking()
            try Engine.openBlocking("db", in: world).closeBlocking()
        }
    }

    @Test func `a foreign directory is refused and left as it is`() throws {
        try withWorld { world in
            try world.files.createDirectory("db")
            try world.files.open("db/letters.txt", .create).write([1, 2], at: 0)
            let opened = try code { _ = try Engine.openBlocking("db", in: world) }
            #expect(opened == .foreignDirectory)
            #expect(try world.files.list("db") == ["letters.txt"])
        }
    }

    @Test func `a file in place of the directory is refused`() throws {
        try withWorld { world in
            try world.files.open("db", .create).write([1], at: 0)
            let opened = try code { _ = try Engine.openBlocking("db", in: world) }
            #expect(opened == .foreignDirectory)
        }
    }

    @Test func `a database whose manifest is gone is not begun anew over its log`() throws {
        try withWorld { world in
            let engine = try Engine.openBlocking("db", in: world)
            let table = try engine.createTableBlocking()
            var batch = WriteBatch()
            batch.put(table.id, table.key(partition: [1]), [1])
            try engine.writeBlocking(batch)
            engine.abandon()
            try world.files.remove("db/MANIFEST")
            let opened = try code { _ = try Engine.openBlocking("db", in: world) }
            #expect(opened == .corrupted)
            #expect(try world.files.kind(of: "db/MANIFEST") == nil)
        }
    }

    @Test func `a creation that was interrupted is begun again`() throws {
        try withWorld { world in
            try world.files.createDirectory("db")
            try world.files.open("db/LOCK", .create).close()
            try world.files.open("db/MANIFEST.new", .create).write([9], at: 0)
            try world.files.open("db/000001.log", .create).write([9], at: 0)
            try Engine.openBlocking("db", in: world).closeBlocking()
            #expect(try Verification.run("db", in: world).isWhole)
        }
    }

    /// Offsets in the manifest's header: the format, and the kind of clock.
    @Test(arguments: [8, 12])
    func `a database of a newer format is refused`(offset: Int) throws {
        try withWorld { world in
            try Engine.openBlocking("db", in: world).closeBlocking()
            let file = try world.files.open("db/MANIFEST", .readWrite)
            // 9, with a right checksum.
            try file.write([9], at: offset)
            let header = try file.read(at: 0, count: 60)
            try file.write(crc32c(header), at: 60)
            let opened = try code { _ = try Engine.openBlocking("db", in: world) }
            #expect(opened == .newerFormat)
        }
    }

    @Test func `a closed database answers that it is closed`() async throws {
        let world = World.inMemory()
        let engine = try await Engine.open("db", in: world)
        let table = try await engine.createTable()
        try await engine.close()
        try await engine.close()
        await #expect(throws: EngineError.self) {
            _ = try await engine.read { view throws(EngineError) in
                try view.get(table.id, table.key(partition: [1]))
            }
        }
        await #expect(throws: EngineError.self) { _ = try await engine.createTable() }
        world.scheduler.shutDown()
    }

    @Test func `an empty database is small`() throws {
        try withWorld { world in
            let engine = try Engine.openBlocking("db", in: world)
            var bytes = 0
            for name in try world.files.list("db") {
                bytes += try world.files.open("db/" + name, .read).sizeBytes()
            }
            #expect(bytes < 4 * 1024 * 1024)
            try engine.closeBlocking()
        }
    }

    @Test func `a checkpoint opens with what was there, and goes its own way`() throws {
        try withWorld { world in
            let engine = try Engine.openBlocking("db", in: world)
            let table = try engine.createTableBlocking()
            func put(_ engine: Engine, _ index: UInt8) throws {
                var batch = WriteBatch()
                batch.put(table.id, table.key(partition: [index]), [index])
                try engine.writeBlocking(batch, .buffered)
            }
            for index in 0..<50 as Range<UInt8> { try put(engine, index) }
            try engine.flushBlocking()
            for index in 50..<80 as Range<UInt8> { try put(engine, index) }
            try engine.checkpointBlocking(to: "copy")
            for index in 80..<99 as Range<UInt8> { try put(engine, index) }
            let copy = try Engine.openBlocking("copy", in: world)
            #expect(try copy.contents(of: table).count == 80)
            try put(copy, 200)
            try copy.closeBlocking()
            #expect(try engine.contents(of: table).count == 99)
            try engine.closeBlocking()
            #expect(try Verification.run("copy", in: world).isWhole)
            #expect(try Verification.run("db", in: world).isWhole)
            let twice = try Engine.openBlocking("db", in: world)
            let refused = try code { try twice.checkpointBlocking(to: "copy") }
            #expect(refused == .invalidArgument)
            try twice.closeBlocking()
        }
    }

    @Test func `a dropped table is gone, also after a crash, and its number is not used again`()
        throws
    {
        try withWorld { world in
            let engine = try Engine.openBlocking("db", in: world)
            let table = try engine.createTableBlocking()
            var batch = WriteBatch()
            batch.put(table.id, table.key(partition: [1]), [1])
            try engine.writeBlocking(batch)
            try engine.dropTableBlocking(table.id)
            let missing = try code { try engine.writeBlocking(batch) }
            #expect(missing == .noSuchTable)
            engine.abandon()
            let again = try Engine.openBlocking("db", in: world)
            #expect(again.tables == [])
            #expect(try again.createTableBlocking().id != table.id)
            try again.closeBlocking()
        }
    }

    @Test func `what is over a limit is refused by name`() throws {
        try withWorld { world in
            let engine = try Engine.openBlocking("db", in: world)
            let table = try engine.createTableBlocking()
            func put(_ key: EntryKey, _ size: Int) throws -> EngineError.Code? {
                try code {
                    var batch = WriteBatch()
                    batch.put(table.id, key, [UInt8](repeating: 0, count: size))
                    try engine.writeBlocking(batch)
                }
            }
            let limit = Limits.partitionKeySizeBytes
            let small = table.key(partition: [1])
            let long = table.key(partition: [UInt8](repeating: 1, count: limit + 1))
            let longSort = [UInt8](repeating: 1, count: Limits.keySizeBytes)
            #expect(try put(small, Limits.valueSizeBytes) == nil)
            #expect(try put(small, Limits.valueSizeBytes + 1) == .tooLarge)
            #expect(try put(long, 1) == .tooLarge)
            #expect(try put(table.key(partition: [1], sort: longSort), 1) == .tooLarge)
            try engine.closeBlocking()
        }
    }

    /// CRC-32C by its definition, little-endian.
    private func crc32c(_ bytes: [UInt8]) -> [UInt8] {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
        }
        crc = ~crc
        return (0..<4).map { UInt8(truncatingIfNeeded: crc >> (8 * UInt32($0))) }
    }
}
