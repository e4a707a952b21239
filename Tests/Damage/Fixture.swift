public import ShaleEngine
internal import ShaleItems
internal import ShaleTables
public import Simulation

/// A small database of tables whose content is known for ever, and whose files are kept for each format.
///
/// What it holds is part of the fixture: never change it. A new kind of content gets a new fixture.
public struct Fixture: Sendable {
    /// How its files were left.
    public var ending: FixtureEnding

    /// The fixture that ended so.
    public init(_ ending: FixtureEnding) { self.ending = ending }

    private static let directory = "db"

    private static var options: DatabaseOptions {
        var options = DatabaseOptions()
        options.engine.memoryBudgetBytes = 4 * 1024 * 1024
        options.engine.logCapBytes = 64 * 1024
        options.engine.firstSegmentBytes = 8 * 1024
        options.engine.blockSizeBytes = 4096
        options.engine.runFileSizeBytes = 16 * 1024
        options.engine.smallestBlobBytes = 700
        return options
    }

    // MARK: Making

    /// The files, by name: made once for each format, and then kept.
    public func make() throws -> [(name: String, bytes: [UInt8])] {
        let simulation = SimulatedWorld(seed: 20)
        let world = simulation.world
        let database = try simulation.runTask {
            try await Database.open(Self.directory, Self.options, in: world)
        }
        let written = Self.writtenCount
        try simulation.runTask {
            try await Self.createTables(database)
            try await Self.write(database, 0..<(written / 2))
            try await database.flush()
            try await Self.write(database, (written / 2)..<written)
            try await database.flush()
        }
        // For as long that the scrubber leaves a note as well.
        try simulation.scheduler.run(for: .seconds(3_600))
        try simulation.runTask { try await Self.change(database) }
        switch ending {
        case .closed:
            try simulation.runTask { try await database.close() }
        case .crashed:
            simulation.crash(.keepUnsynced, leftovers: .runIntoErrors)
        }
        return try simulation.files.list(Self.directory).map { name in
            (name, try simulation.disk.contents("\(Self.directory)/\(name)"))
        }
    }

    private static func createTables(_ database: Database) async throws {
        _ = try await database.createTable(
            "Songs",
            partitionKey: .string("artist"),
            sortKey: .number("number"),
            indexes: [
                .local("ByTitle", sortKey: .string("title"), projecting: .keysOnly),
                .global("ByYear", partitionKey: .number("year"), sortKey: .string("title")),
            ]
        )
        _ = try await database.createTable("Raw", partitionKey: .binary("key"))
    }

    private static let writtenCount = 32

    private static func write(_ database: Database, _ numbers: Range<Int>) async throws {
        let (songs, raw) = (try database.table("Songs"), try database.table("Raw"))
        try await songs.put(contentsOf: numbers.map { song($0, version: 1) })
        try await raw.put(contentsOf: numbers.filter { $0 % 3 == 0 }.map(rawItem))
    }

    /// Every fourth song again with other attributes, every seventh deleted.
    private static func change(_ database: Database) async throws {
        let songs = try database.table("Songs")
        for number in 0..<writtenCount {
            if number % 7 == 0 {
                _ = try await songs.delete([
                    "artist": .string("Artist \(number % 5)"), "number": .number(Number(number)),
                ])
            } else if number % 4 == 0 {
                try await songs.put(song(number, version: 2))
            }
        }
    }

    private static func song(_ number: Int, version: Int) -> Item {
        var item: Item = [
            "artist": .string("Artist \(number % 5)"),
            "number": .number(Number(number)),
            "title": .string("Title \(number * version % 13)"),
            "text": .string(String(repeating: "la ", count: number % 10 == 9 ? 400 : number)),
            "tags": .list([.string("a"), .number(Number(version)), .bool(number % 2 == 0), .null]),
        ]
        // Not every song is in every index.
        if number % 6 != 0 { item["year"] = .number(Number(1950 + number * version % 9)) }
        return item
    }

    private static func rawKey(_ number: Int) -> Item {
        ["key": .binary((0...number).map { UInt8($0) })]
    }

    private static func rawItem(_ number: Int) -> Item {
        [
            "key": .binary((0...number).map { UInt8($0) }),
            "map": .map(["inner": .map(["number": .number(Number(-number))])]),
            "set": .stringSet(["x", "y\(number)"]),
        ]
    }

    // MARK: Checking

    /// A world with these files.
    public static func world(
        _ files: [(name: String, bytes: [UInt8])],
        seed: UInt64 = 1
    ) -> SimulatedWorld {
        let simulation = SimulatedWorld(seed: seed)
        simulation.disk.place(directory: directory)
        for file in files { simulation.disk.place("\(directory)/\(file.name)", file.bytes) }
        return simulation
    }

    /// Verifies the files, opens the database, compares everything in it, and closes it.
    ///
    /// If the power is cut meanwhile, whatever is thrown is thrown.
    public static func openAndCompare(_ simulation: SimulatedWorld) throws {
        let world = simulation.world
        try simulation.runTask {
            let database = try await Database.open(directory, options, in: world)
            try await compare(database)
            try await database.close()
        }
    }

    /// What verification says of the files.
    public static func problems(_ simulation: SimulatedWorld) throws -> [EngineError] {
        try Verification.run(directory, in: simulation.world).problems
    }

    private static func compare(_ database: Database) async throws {
        var expected: [Int: Item] = [:]
        for number in 0..<writtenCount where number % 7 != 0 {
            expected[number] = song(number, version: number % 4 == 0 ? 2 : 1)
        }
        let songs = try database.table("Songs")
        var found: [Int: Item] = [:]
        for try await item in songs.scan() {
            found[item["number"]?.numberValue?.intValue ?? -1] = item
        }
        guard found == expected else { throw DamageFailure("the songs are not what was written") }
        var inIndex = 0
        for year in 1950..<1959 {
            let page = songs.query(
                "#year = :year",
                index: "ByYear",
                names: ["#year": "year"],
                values: [":year": .number(Number(year))]
            )
            for try await item in page {
                inIndex += 1
                guard expected[item["number"]?.numberValue?.intValue ?? -1] == item else {
                    throw DamageFailure("the index has another song than the table")
                }
            }
        }
        guard inIndex == expected.values.count(where: { $0["year"] != nil }) else {
            throw DamageFailure("the index has \(inIndex) songs")
        }
        let raw = try database.table("Raw")
        for number in stride(from: 0, to: writtenCount, by: 3) {
            let item = rawItem(number)
            guard try await raw.get(rawKey(number)) == item else {
                throw DamageFailure("item \(number) of Raw is not what was written")
            }
        }
        for name in ["Songs", "Raw"] {
            let check = try await database.verifyIndexes(name)
            guard check.differences.isEmpty else {
                throw DamageFailure("indexes of \(name): \(check.differences)")
            }
        }
    }
}

/// How the files of a fixture were left.
public enum FixtureEnding: String, Sendable, CaseIterable {
    /// Closed cleanly.
    case closed
    /// The process died: the last changes are only in the log.
    case crashed
}
