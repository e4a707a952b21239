internal import ShaleEngine
internal import ShaleFunctions
internal import ShaleItems
internal import ShalePlatform
internal import ShaleTables
internal import ShaleTriggers
internal import ShaleWire

/// A database with a table, its stream, a function and the mapping between them.
struct OpenMappings: Sendable {
    let database: Database
    let functions: Functions
    let mappings: Mappings
    let world: World
    let stream: StreamIdentity

    /// How long the last changes may take, in milliseconds.
    private static let patience: Int64 = 600_000

    private struct NoLog: FunctionLog {
        func write(_: FunctionLine) {}
    }

    static func open(_ world: World) async throws -> Database {
        var options = DatabaseOptions()
        options.housekeepingInterval = .zero
        return try await Database.open("db", options, in: world)
    }

    /// Makes the table.
    ///
    /// - Returns: Where the engine has its items.
    static func make(_ world: World) async throws -> TableID? {
        let database = try await open(world)
        let before = Set(database.engine.tables.map(\.id))
        _ = try await database.createTable(
            MappingChoices.table,
            partitionKey: .string("p"),
            sortKey: .string("s"),
            stream: .newAndOldImages
        )
        // Its stream comes behind it.
        let made = database.engine.tables.map(\.id).filter { !before.contains($0) }
        try await database.close()
        return made.min { $0.rawValue < $1.rawValue }
    }

    /// Opens all, with a function that fails as a seed decides.
    static func open(
        _ world: World,
        _ choices: MappingChoices,
        _ book: MappingBook,
        _ end: LifeEnd,
        seed: UInt64,
        failsOneIn: Int
    ) async throws -> OpenMappings {
        let database = try await open(world)
        let functions = try await Functions(
            database,
            host: ClosureHost(),
            log: NoLog(),
            world: world,
            region: "here",
            account: "1"
        )
        let function = MappedFunction(
            choices,
            book,
            world,
            end,
            seed: seed,
            failsOneIn: failsOneIn
        )
        try await functions.register(
            MappingChoices.function,
            FunctionClosure(timeoutSeconds: MappedFunction.timeoutSeconds) { call in
                try await function.answer(call.payload)
            }
        )
        if choices.isThrottled { try await functions.reserve(1, for: MappingChoices.function) }
        let bucket = ToldBucket(book, end, seed: seed)
        let context = try await MappingContext(
            database,
            functions,
            world,
            buckets: [MappingChoices.bucket: bucket]
        )
        let mappings = Mappings(context)
        guard let stream = database.listStreams(tableName: MappingChoices.table).streams.first
        else { throw Failure("the table has no stream") }
        try await mappings.resume()
        return OpenMappings(
            database: database,
            functions: functions,
            mappings: mappings,
            world: world,
            stream: stream
        )
    }

    /// Makes the mapping, where no life before this one has.
    func make(_ choices: MappingChoices, _ book: MappingBook) async throws {
        guard !book.isMade else { return }
        let last = try await records().map(\.sequence).max()
        // A function that was called already may be told of what counts from here on.
        book.making(behind: last)
        if try await mappings.descriptions(source: nil, function: nil).isEmpty {
            let label = StreamLabel.text(milliseconds: stream.createdMilliseconds)
            let source = "arn:aws:dynamodb:here:1:table/\(stream.tableName)/stream/\(label)"
            let function = functions.resourceName(MappingChoices.function)
            _ = try await mappings.create(choices.mapping(from: source, to: function))
        }
        book.made()
    }

    /// Cuts a partition of the table at one of its items, so that its stream will have more shards.
    func divide(_ id: TableID?) async throws {
        let engine = database.engine
        guard let table = engine.tables.first(where: { $0.id == id }) else { return }
        let keys = try await engine.read { view throws(EngineError) in
            var keys: [[UInt8]] = []
            try view.scan(table.id, .all) { key, _ in
                keys.append(key)
                return .continue
            }
            return keys
        }
        guard !keys.isEmpty else { return }
        let partition = Array(EntryKey.partition(in: keys[keys.count / 2]))
        do throws(EngineError) {
            try await engine.split(table.id, at: table.key(partition: partition))
        } catch {
            // A partition begins there already.
            guard error.code == .invalidArgument else { throw error }
        }
    }

    /// Lets the mapping do all that is left.
    func finish(_ book: MappingBook) async throws {
        let last = world.time.wallMilliseconds + Self.patience
        var isLeft = try await isOpen(book, until: last)
        while isLeft {
            await world.pause(milliseconds: 1_000)
            isLeft = try await isOpen(book, until: last)
        }
    }

    /// Whether anything is left to be done; throws where that is so for too long.
    ///
    /// Swift 6.3.1 crashes in a release build when it puts this into the loop.
    @inline(never)
    private func isOpen(_ book: MappingBook, until last: Int64) async throws -> Bool {
        let records = try await records()
        guard let open = book.open(records) else { return false }
        try book.check()
        guard world.time.wallMilliseconds < last else {
            throw Failure("\(open) is never handled")
        }
        return true
    }

    /// What is in the stream.
    func records() async throws -> [ChangeRecord] {
        try await StreamReplay.records(database, stream)
    }

    /// Throws where anything is left to be done.
    func checkLag(_ book: MappingBook, _ records: [ChangeRecord]) throws {
        let now = world.time.wallMilliseconds
        for (identity, reports) in mappings.reports {
            let age = reports.iteratorAge(now: now)
            guard age == 0 else { throw Failure("\(identity) lags \(age) ms behind") }
            guard let last = reports.lastReadMilliseconds else { continue }
            let newest = records.filter(book.isMeant).map(\.milliseconds).max()
            guard last == newest else {
                throw Failure("\(identity) has read up to \(last), there is \(newest ?? 0)")
            }
        }
    }

    func close() async throws {
        await mappings.stop()
        functions.stop()
        try await database.close()
    }
}
