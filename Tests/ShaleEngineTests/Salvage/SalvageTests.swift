import ShaleEngine
import ShalePlatform
import Simulation
import Testing

/// `salvage` copies everything that is whole, names what is not, and leaves the old files alone.
struct SalvageTests {
    private func salvage(_ load: SmallLoad, to: String = "new") throws -> SalvageReport {
        let (world, options) = (load.simulation.world, load.options)
        return try load.simulation.runTask {
            let result: Result<SalvageReport, EngineError> = await world.scheduler.run(.read) {
                Result { () throws(EngineError) in
                    try Salvage.run(from: "db", to: to, options, in: world)
                }
            }
            return try result.get()
        }
    }

    /// What the new database holds, opened as any other.
    private func contents(_ load: SmallLoad) throws -> [EngineModel.Place: [UInt8]] {
        let (world, options) = (load.simulation.world, load.options)
        let engine = try load.simulation.runTask {
            try await Engine.open("new", options, in: world)
        }
        let table = try #require(engine.table(load.table.id))
        let found = try load.simulation.runTask { try engine.contents(of: table) }
        try load.simulation.runTask { try await engine.close() }
        return found
    }

    private func bytes(_ load: SmallLoad) throws -> [String: [UInt8]] {
        var all: [String: [UInt8]] = [:]
        for name in try load.simulation.files.list("db") {
            all[name] = try load.simulation.disk.contents("db/" + name)
        }
        return all
    }

    /// The parts of all files with this suffix that are called so.
    private func parts(
        _ load: SmallLoad,
        _ suffix: String,
        _ what: String
    ) throws -> [(
        file: String, part: FilePart
    )] {
        let files = load.simulation.files
        return try files.list("db").filter { $0.hasSuffix(suffix) }.flatMap { name in
            try FileInspector.parts(of: "db/" + name, in: files)
                .filter { $0.what.hasPrefix(what) }.map { (name, $0) }
        }
    }

    private func flip(_ load: SmallLoad, _ found: (file: String, part: FilePart)) throws {
        let offset = found.part.offset + found.part.sizeBytes / 2
        try load.simulation.disk.damage("db/" + found.file, at: offset, flipping: 16)
    }

    /// Runs and log, cut off by a crash.
    private func crashed(seed: UInt64) throws -> SmallLoad {
        let load = SmallLoad(SimulatedWorld(seed: seed), seed: seed)
        for round in 0..<3 {
            let engine = try load.open()
            try load.write(150, engine)
            try load.simulation.runTask { try await engine.flush() }
            if round == 0 {
                try load.simulation.runTask { try await engine.compact() }
                try cutAndDrop(load, engine)
            }
            try load.write(50, engine)
            load.simulation.crash(.dropUnsynced, leftovers: .runIntoErrors)
        }
        return load
    }

    /// Two partitions that share a run, and a table that is there in the log only.
    private func cutAndDrop(_ load: SmallLoad, _ engine: Engine) throws {
        let table = load.table
        try load.simulation.runTask {
            let middle = table.key(partition: Array("p3".utf8), sort: Array("s2".utf8))
            try await engine.split(table.id, at: middle)
            let dropped = try await engine.createTable()
            var batch = WriteBatch()
            batch.put(dropped.id, dropped.key(partition: [1]), [2])
            try await engine.write(batch)
            try await engine.dropTable(dropped.id)
        }
    }

    @Test(arguments: [1, 2] as [UInt64])
    func `an undamaged database is copied whole and left as it is`(seed: UInt64) throws {
        let load = try crashed(seed: seed)
        let before = try bytes(load)
        let report = try salvage(load)
        #expect(report.lost == [] && report.unreadableFiles == [], "\(report.lines)")
        #expect(report.tables == [load.table])
        #expect(try contents(load).summary == load.model.entries.summary)
        let isUntouched = try bytes(load) == before
        #expect(isUntouched)
    }

    @Test(arguments: [1, 2] as [UInt64])
    func `a damaged data block loses its keys and nothing else`(seed: UInt64) throws {
        let load = SmallLoad(SimulatedWorld(seed: seed), seed: seed)
        let engine = try load.open()
        try load.write(300, engine)
        try load.simulation.runTask { try await engine.close() }
        let blocks = try parts(load, ".run", "data block")
        try #require(blocks.count > 3)
        let damaged = blocks[blocks.count / 2]
        try flip(load, damaged)
        let report = try salvage(load)
        try #require(report.lost.count == 1, "\(report.lines)")
        let lost = report.lost[0]
        #expect(lost.table == load.table.id)
        #expect(lost.file == damaged.file && lost.offset == damaged.part.offset)
        let (from, to) = (try #require(lost.fromKey), try #require(lost.toKey))
        let expected = load.model.entries.filter { place, _ in
            let key = load.table.key(partition: place.partition, sort: place.sort).bytes
            return key.lexicographicallyPrecedes(from) || to.lexicographicallyPrecedes(key)
        }
        #expect(expected.count < load.model.entries.count)
        #expect(expected.count > load.model.entries.count / 2)
        #expect(try contents(load).summary == expected.summary)
    }

    @Test(arguments: [1, 2] as [UInt64])
    func `a damaged blob loses its key and nothing else`(seed: UInt64) throws {
        let load = SmallLoad(SimulatedWorld(seed: seed), seed: seed)
        let engine = try load.open()
        try load.write(100, engine)
        try load.simulation.runTask { try await engine.close() }
        let blobs = try parts(load, ".blob", "blob").filter { $0.part.what == "blob" }
        try #require(blobs.count > 3)
        let damaged = blobs[blobs.count / 2]
        try flip(load, damaged)
        let report = try salvage(load)
        try #require(report.lost.count == 1, "\(report.lines)")
        let lost = report.lost[0]
        #expect(lost.table == load.table.id && lost.fromKey == lost.toKey)
        #expect(lost.file == damaged.file && lost.offset == damaged.part.offset)
        let expected = load.model.entries.filter { place, _ in
            load.table.key(partition: place.partition, sort: place.sort).bytes != lost.fromKey
        }
        #expect(expected.count == load.model.entries.count - 1)
        #expect(try contents(load).summary == expected.summary)
    }

    @Test func `blobs are found without a manifest, and a missing segment loses its keys`() throws {
        let load = SmallLoad(SimulatedWorld(seed: 8), seed: 8)
        let engine = try load.open()
        try load.write(100, engine)
        try load.simulation.runTask { try await engine.flush() }
        let copy = load.model.entries
        // The edits of the flush are the last group.
        let manifest = try load.simulation.files.open("db/MANIFEST", .read)
        let end = try manifest.sizeBytes()
        load.simulation.crash(.keepUnsynced, leftovers: .runIntoErrors)
        try load.simulation.disk.damage("db/MANIFEST", at: end - 1, flipping: 1)
        #expect(try salvage(load).unreadableFiles == [])
        #expect(try contents(load).summary == copy.summary)
        for name in try load.simulation.files.list("db") where name.hasSuffix(".blob") {
            try load.simulation.files.remove("db/" + name)
        }
        for name in try load.simulation.files.list("db") where name.hasSuffix(".log") {
            try load.simulation.files.remove("db/" + name)
        }
        let report = try salvage(load, to: "third")
        #expect(report.lost.contains { $0.file.hasSuffix(".blob") && $0.fromKey == $0.toKey })
    }

    @Test func `a damaged run file is named, with the keys that it held`() throws {
        let load = SmallLoad(SimulatedWorld(seed: 5), seed: 5)
        let engine = try load.open()
        try load.write(40, engine)
        try load.simulation.runTask { try await engine.close() }
        try flip(load, try #require(try parts(load, ".run", "footer: entries").first))
        let report = try salvage(load)
        #expect(report.unreadableFiles.count == 1)
        #expect(report.lost.count == 1)
        #expect(report.lost.first?.table == load.table.id)
        #expect(try contents(load).isEmpty)
    }

    @Test func `a damaged seal is known from the manifest`() throws {
        let load = SmallLoad(SimulatedWorld(seed: 6), seed: 6)
        let engine = try load.open()
        try load.write(40, engine)
        try load.simulation.runTask { try await engine.close() }
        let seal = try #require(try parts(load, ".log", "record: seal").first)
        try flip(load, seal)
        let report = try salvage(load)
        #expect(report.lost.map(\.offset) == [seal.part.offset], "\(report.lines)")
        #expect(report.lines.contains { $0.contains("older versions of what they changed") })
        #expect(try contents(load).summary == load.model.entries.summary)
    }

    @Test func `damage inside of the log loses one record and is named`() throws {
        let load = SmallLoad(SimulatedWorld(seed: 7), seed: 7)
        let engine = try load.open()
        var expected: [EngineModel.Place: [UInt8]] = [:]
        for number in UInt8(0)..<60 {
            var batch = WriteBatch()
            let place = EngineModel.Place(partition: [1], sort: [number])
            batch.put(
                load.table.id,
                load.table.key(partition: place.partition, sort: place.sort),
                [number, number]
            )
            let writes = batch
            try load.simulation.runTask { _ = try await engine.write(writes) }
            if number != 30 { expected[place] = [number, number] }
        }
        load.simulation.crash(.dropUnsynced, leftovers: .runIntoErrors)
        let damaged = try parts(load, ".log", "record: batch")[30]
        try flip(load, damaged)
        let report = try salvage(load)
        try #require(report.lost.count == 1, "\(report.lines)")
        #expect(report.lost[0].file == damaged.file && report.lost[0].offset == damaged.part.offset)
        #expect(report.lost[0].table == nil)
        #expect(report.entriesCopied == 59)
        #expect(try contents(load).summary == expected.summary)
    }

    @Test func `a log segment with a damaged header page is read all the same`() throws {
        let load = SmallLoad(SimulatedWorld(seed: 8), seed: 8)
        let engine = try load.open()
        try load.write(100, engine)
        load.simulation.crash(.dropUnsynced, leftovers: .runIntoErrors)
        let file = try #require(try parts(load, ".log", "record: batch").first).file
        try load.simulation.disk.damage("db/" + file, at: 40, flipping: 1)
        let report = try salvage(load)
        #expect(report.lost == [], "\(report.lines)")
        #expect(report.notes.contains { $0.hasPrefix(file) })
        #expect(try contents(load).summary == load.model.entries.summary)
    }

    @Test(arguments: [1, 2] as [UInt64])
    func `behind a damaged end of the manifest run files and log are found`(seed: UInt64) throws {
        let load = SmallLoad(SimulatedWorld(seed: seed), seed: seed)
        let engine = try load.open()
        for _ in 0..<3 {
            // More than a segment, so that the log alone does not have it any more.
            try load.write(80, engine, largestValue: 20_000)
            try load.simulation.runTask { try await engine.flush() }
        }
        try load.write(30, engine)
        load.simulation.crash(.dropUnsynced, leftovers: .runIntoErrors)
        let groups = try parts(load, "MANIFEST", "group of")
        let flush = try #require(
            groups.dropFirst().first { $0.part.lines.contains { $0.hasPrefix("adds file") } }
        )
        try flip(load, flush)
        let report = try salvage(load)
        #expect(report.lost.first?.file == "MANIFEST")
        #expect(report.lost.first?.offset == flush.part.offset)
        #expect(report.tables == [load.table])
        #expect(try contents(load).summary == load.model.entries.summary, "\(report.lines)")
    }

    @Test func `without a manifest the log is copied and sections are named as lost`() throws {
        let load = SmallLoad(SimulatedWorld(seed: 2), seed: 2)
        let engine = try load.open()
        try load.write(50, engine)
        try load.simulation.runTask { try await engine.flush() }
        try load.write(50, engine)
        load.simulation.crash(.dropUnsynced, leftovers: .runIntoErrors)
        try flip(load, try #require(try parts(load, "MANIFEST", "header").first))
        let report = try salvage(load)
        #expect(report.lost.first?.file == "MANIFEST")
        #expect(report.lost.contains { $0.file.hasSuffix(".run") })
        #expect(report.tables.map(\.id) == [load.table.id])
        // The whole log is still there: nothing of it was freed.
        #expect(try contents(load).summary == load.model.entries.summary)
        let (world, options) = (load.simulation.world, load.options)
        let copy = try load.simulation.runTask { try await Engine.open("new", options, in: world) }
        let place = try #require(load.model.entries.keys.min())
        let table = try #require(copy.tables.first)
        let value = try load.simulation.runTask {
            try copy.readBlocking { view throws(EngineError) in
                try view.get(table.id, table.key(partition: place.partition, sort: place.sort))
            }
        }
        #expect(value == load.model.entries[place])
        try load.simulation.runTask { try await copy.close() }
    }

    @Test func `an open database, a full target and a foreign directory are refused`() throws {
        let load = SmallLoad(SimulatedWorld(seed: 3), seed: 3)
        let engine = try load.open()
        #expect(code { try salvage(load) } == .locked)
        try load.simulation.runTask { try await engine.close() }
        try load.simulation.files.createDirectory("full")
        _ = try load.simulation.files.open("full/notes", .create)
        #expect(code { try salvage(load, to: "full") } == .foreignDirectory)
        #expect(code { try salvage(load, to: "db") } == .foreignDirectory)
        let world = load.simulation.world
        #expect(code { _ = try Salvage.run(from: "full", to: "n", in: world) } == .foreignDirectory)
        #expect(code { _ = try Salvage.run(from: "none", to: "n", in: world) } == .inputOutput)
    }

    private func code(_ body: () throws -> some Any) -> EngineError.Code? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? EngineError)?.code
        }
    }
}
