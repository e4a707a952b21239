import ShaleEngine
import ShalePlatform
import Simulation
import Testing

/// `inspect` explains every byte of every file, whatever has happened to it.
struct FileInspectorTests {
    /// Every byte is in exactly one part, and every part says what it is.
    private func requireTiled(_ parts: [FilePart], _ sizeBytes: Int, _ path: String) throws {
        var end = 0
        for part in parts {
            try #require(part.offset == end, "\(path): a gap or an overlap at \(end)")
            try #require(part.what != "unexplained", "\(path) at \(part.offset)")
            end = part.offset + part.sizeBytes
        }
        try #require(end == sizeBytes, "\(path)")
    }

    private func inspectAll(_ files: any FileSystem) throws -> [String: [FilePart]] {
        var all: [String: [FilePart]] = [:]
        for name in try files.list("db") {
            let path = "db/" + name
            let parts = try FileInspector.parts(of: path, in: files)
            try requireTiled(parts, try files.open(path, .read).sizeBytes(), path)
            all[name] = parts
        }
        return all
    }

    @Test(arguments: [1, 2] as [UInt64])
    func `every byte of every file is explained, after crashes too`(seed: UInt64) throws {
        let simulation = SimulatedWorld(seed: seed)
        let load = SmallLoad(simulation, seed: seed)
        var seen: Set<String> = []
        for round in 0..<4 {
            let engine = try load.open()
            if round == 1 { try simulation.runTask { try await engine.compact() } }
            if round > 0 { _ = try inspectAll(simulation.files) }
            try load.write(150, engine)
            try simulation.runTask { try await engine.flush() }
            try load.write(60, engine)
            if round == 2 {
                try simulation.runTask { try await engine.close() }
            } else {
                simulation.crash(.tearUnsynced, leftovers: .runIntoErrors)
            }
            for (_, parts) in try inspectAll(simulation.files) {
                seen.formUnion(parts.map(\.what))
                try #require(parts.allSatisfy { !$0.isDamaged || $0.what == "broken end" })
            }
        }
        for what in ["header page", "record: batch", "record: seal", "padding", "zeros"] {
            #expect(seen.contains(what), "\(what) among \(seen.sorted())")
        }
        #expect(seen.contains { $0.hasPrefix("group of ") })
        #expect(seen.contains("section directory"))
    }

    @Test func `a flipped byte of any file is explained as damage or covers no data`() throws {
        let simulation = SimulatedWorld(seed: 9)
        let load = SmallLoad(simulation, seed: 9)
        let engine = try load.open()
        try load.write(200, engine)
        try simulation.runTask { try await engine.flush() }
        try load.write(100, engine)
        simulation.crash(.keepUnsynced, leftovers: .runIntoErrors)
        for (name, parts) in try inspectAll(simulation.files) where name != "LOCK" {
            for part in parts.prefix(9) where part.sizeBytes > 0 {
                let offset = part.offset + part.sizeBytes / 2
                try simulation.disk.damage("db/" + name, at: offset, flipping: 4)
                let path = "db/" + name
                let found = try FileInspector.parts(of: path, in: simulation.files)
                let isTiled = zip(found, found.dropFirst()).allSatisfy {
                    $0.offset + $0.sizeBytes == $1.offset
                }
                #expect(isTiled, "\(path) at \(offset)")
                let isNoticed =
                    found.contains(where: \.isDamaged) || found.map(\.what) != parts.map(\.what)
                    || ["padding", "zeros"].contains(part.what)
                #expect(isNoticed, "\(path) at \(offset), \(part.what)")
                try simulation.disk.damage("db/" + name, at: offset, flipping: 4)
            }
        }
    }

    @Test func `a record names its writes, a segment of an earlier life is called so`() throws {
        let simulation = SimulatedWorld(seed: 4)
        let load = SmallLoad(simulation, seed: 4)
        let engine = try load.open()
        let table = load.table
        var batch = WriteBatch()
        let key = table.key(partition: Array("user".utf8), sort: Array("mail".utf8))
        batch.put(table.id, key, [1, 2, 3])
        batch.delete(table.id, table.key(partition: [0, 1], sort: []))
        let writes = batch
        try simulation.runTask { _ = try await engine.write(writes) }
        let segments = try inspectAll(simulation.files).filter { $0.key.hasSuffix(".log") }
        let lines = segments.values.flatMap { $0 }.filter { $0.what == "record: batch" }
            .flatMap(\.lines)
        #expect(
            lines.contains { $0.hasSuffix("partition \"user\", sort \"mail\", value of 3 bytes") }
        )
        #expect(lines.contains { $0.hasPrefix("delete \(table.id)") && $0.hasSuffix("0001") })
        try simulation.runTask { try await engine.close() }
    }

    @Test func `a foreign file is refused`() throws {
        let files = MemoryFileSystem()
        try files.open("notes.txt", .create).write(Array("hello".utf8), at: 0)
        do throws(EngineError) {
            _ = try FileInspector.parts(of: "notes.txt", in: files)
            Issue.record("a foreign file was explained")
        } catch {
            #expect(error.code == .foreignDirectory)
        }
    }

    @Test(arguments: ["MANIFEST", "000001.log", "000001.run", "LOCK"], [0, 1, 70, 5000])
    func `any bytes under a name of ours are explained`(name: String, count: Int) throws {
        let files = MemoryFileSystem()
        var generator = SimulatedGenerator(seed: UInt64(count))
        let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        try files.open(name, .create).write(bytes, at: 0)
        let parts = try FileInspector.parts(of: name, in: files)
        #expect(parts.reduce(0) { $0 + $1.sizeBytes } == count)
    }
}
