import ShaleEngine
import ShalePlatform
import Simulation
import Testing

/// Random operations against a dictionary, with flushes, compactions, splits and reopenings between.
struct EngineModelTests {
    @Test(arguments: 1...6)
    func `every read agrees with a dictionary`(seed: Int) throws {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        var generator = SimulatedGenerator(seed: UInt64(seed))
        var options = EngineOptions()
        options.memoryBudgetBytes = 1024 * 1024
        options.runFileSizeBytes = 64 * 1024
        options.blockSizeBytes = 4096
        var engine = try Engine.openBlocking("db", options, in: world)
        let table = try engine.createTableBlocking()
        var model = EngineModel()
        for step in 0..<600 {
            switch generator.below(100) {
            case 0: try engine.flushBlocking()
            case 1: try engine.compactBlocking()
            case 2 where step % 2 == 0:
                try engine.closeBlocking()
                engine = try Engine.openBlocking("db", options, in: world)
            case 3 where step % 2 == 0:
                let place = EngineModel.place(&generator)
                let key = table.key(partition: place.partition, sort: place.sort)
                do { try engine.splitBlocking(table.id, at: key) } catch {
                    #expect(error.code == .invalidArgument)
                }
            case 4..<20: try check(engine, table, model, &generator)
            default: try write(engine, table, &model, &generator)
            }
        }
        try #require(try engine.contents(of: table).summary == model.entries.summary)
        try engine.closeBlocking()
        engine = try Engine.openBlocking("db", options, in: world)
        try #require(try engine.contents(of: table).summary == model.entries.summary)
        try engine.closeBlocking()
    }

    private func write(
        _ engine: Engine,
        _ table: EngineTable,
        _ model: inout EngineModel,
        _ generator: inout SimulatedGenerator
    ) throws {
        var batch = WriteBatch()
        for _ in 0...generator.below(4) {
            let place = EngineModel.place(&generator)
            let key = table.key(partition: place.partition, sort: place.sort)
            if generator.oneIn(4) {
                batch.delete(table.id, key)
                model.entries[place] = nil
            } else {
                let value = EngineModel.value(&generator)
                batch.put(table.id, key, value)
                model.entries[place] = value
            }
        }
        try engine.writeBlocking(batch, generator.oneIn(2) ? .synced : .buffered)
    }

    private func check(
        _ engine: Engine,
        _ table: EngineTable,
        _ model: EngineModel,
        _ generator: inout SimulatedGenerator
    ) throws {
        let place = EngineModel.place(&generator)
        let key = table.key(partition: place.partition, sort: place.sort)
        let value = try engine.readBlocking { view throws(EngineError) in
            try view.get(table.id, key)
        }
        try #require(value?.count == model.entries[place]?.count)
        let isEqual = value == model.entries[place]
        try #require(isEqual)
        let isReversed = generator.oneIn(2)
        var found: [(sort: [UInt8], value: [UInt8])] = []
        try engine.readBlocking { view throws(EngineError) in
            try view.scan(
                table.id,
                table.range(partition: place.partition),
                isReversed ? .descending : .ascending
            ) { key, value in
                found.append((Array(EntryKey.sort(in: key)), value))
                return .continue
            }
        }
        if isReversed { found.reverse() }
        let expected = model.sorted(place.partition)
        let isSame =
            found.map(\.sort) == expected.map(\.sort) && found.map(\.value) == expected.map(\.value)
        try #require(isSame, "\(found.count) entries found, \(expected.count) expected")
    }
}
