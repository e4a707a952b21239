internal import ShaleEngine
internal import ShalePlatform
internal import Simulation

/// Where damage was first noticed.
public enum Finding: String, Sendable, CaseIterable {
    /// The database does not open, and says why with file and offset.
    case atOpen
    /// A read fails and says why with file and offset; all other answers are right.
    case atRead
    /// All answers are right, and `shale verify` names the damage.
    case byVerify
    /// All answers are right and nothing says a word.
    case harmless
    /// The log ends earlier, as after a crash: all answers are those of an earlier moment.
    case tornTail
}

/// Something that damage must never do.
public struct DamageFailure: Error, Sendable, CustomStringConvertible {
    /// What, in words.
    public let description: String
    init(_ description: String) { self.description = description }
}

/// What may be read from a damaged database.
enum Allowance: Sendable {
    /// Everything, as if it were whole.
    case whole
    /// Also a state after an earlier batch that nothing proves to have been synced.
    case tornTail
    /// Also an earlier state: the proof itself may be damaged.
    case anyTail
    /// As `whole`, but the file is gone.
    case missing
}

/// Opens, reads and verifies one image that was damaged.
struct Examination {
    let image: DatabaseImage
    let allowance: Allowance
    /// The file that is damaged: whoever complains names it.
    let name: String
    /// Whether another file may be named, and no offset: a manifest that was cut off names files that are gone,
    /// and nobody knows which of the two is at fault.
    var mayBlameOthers = false
    /// Keys that are read one by one; nil for all.
    var probes: [DatabaseImage.Probe]?

    /// A read-only opening, all reads, and `Verification` of all files, if `verifies`.
    func examine(_ file: Int, _ bytes: [UInt8]?, verifies: Bool = true) throws -> Finding {
        let simulation = image.world(file, bytes)
        defer { simulation.scheduler.shutDown() }
        let read = try read(simulation.world)
        guard verifies else { return read }
        let report: Verification.Report
        do throws(EngineError) {
            report = try Verification.run(DatabaseImage.directory, in: simulation.world)
        } catch {
            try require(error)
            guard read == .atOpen else {
                throw DamageFailure("it opens, but verify says: \(error)")
            }
            return .atOpen
        }
        // What else is wrong follows from the first, which names the damaged file.
        if let first = report.problems.first { try require(first) }
        if read == .atOpen || read == .atRead, report.isWhole {
            throw DamageFailure("reading fails, but verify finds nothing")
        }
        return read == .harmless && !report.isWhole ? .byVerify : read
    }

    /// A read-only opening, the chosen keys, what lies around one of them, and verification of the file alone.
    func examineNearby(_ file: Int, _ bytes: [UInt8]) throws -> Finding {
        let simulation = image.world(file, bytes)
        defer { simulation.scheduler.shutDown() }
        let read = try read(simulation.world)
        guard read != .atOpen, image.files[file].isOfRuns else { return read }
        let problems = try Verification.problems(
            of: name,
            in: DatabaseImage.directory,
            simulation.world
        )
        for problem in problems { try require(problem) }
        if read == .atRead, problems.isEmpty {
            throw DamageFailure("reading fails, but verify finds nothing")
        }
        return read == .harmless && !problems.isEmpty ? .byVerify : read
    }

    /// An opening for writing, all reads, a write, a close, and all of it again.
    func examineReopening(_ file: Int, _ bytes: [UInt8]?) throws {
        let simulation = image.world(file, bytes)
        defer { simulation.scheduler.shutDown() }
        let (options, world) = (image.options, simulation.world)
        let opened: Result<Engine, EngineError> = try simulation.runTask {
            do throws(EngineError) {
                return .success(try await Engine.open(DatabaseImage.directory, options, in: world))
            } catch {
                return .failure(error)
            }
        }
        switch opened {
        case .failure(let error): return try require(error)
        case .success(let engine):
            let finding = try check(engine)
            let extra = image.tables[1].key(partition: Array("after".utf8))
            let table = image.tables[1].id
            try simulation.runTask {
                var batch = WriteBatch()
                batch.put(table, extra, [1, 2, 3])
                _ = try await engine.write(batch)
            }
            engine.abandon()
            let again = try Engine.openBlocking(DatabaseImage.directory, options, in: world)
            let value = try again.readBlocking { view throws(EngineError) in
                try view.get(table, extra)
            }
            again.abandon()
            guard value == [1, 2, 3] else {
                throw DamageFailure("a write to the opened database is gone (\(finding))")
            }
        }
    }

    private func read(_ world: World) throws -> Finding {
        let engine: Engine
        do throws(EngineError) {
            engine = try Engine.openBlocking(
                DatabaseImage.directory,
                image.options,
                access: .readOnly,
                in: world
            )
        } catch {
            try require(error)
            return .atOpen
        }
        defer { engine.abandon() }
        return try check(engine)
    }

    private func check(_ engine: Engine) throws -> Finding {
        let first =
            switch allowance {
            case .whole, .missing: image.states.count - 1
            case .tornTail: image.provenState
            case .anyTail: 0
            }
        // Which of the states it is, the first difference of a wrong one says soon enough.
        var last: (any Error)?
        for state in image.states[first...].reversed() {
            do {
                let isDamaged = try check(engine, state)
                return isDamaged ? .atRead : state == image.state ? .harmless : .tornTail
            } catch {
                last = last ?? error
            }
        }
        throw last ?? DamageFailure("an image has a state")
    }

    /// Compares all answers: each is right or a typed error; whether there was an error.
    private func check(_ engine: Engine, _ state: TableState) throws -> Bool {
        var isDamaged = false
        guard engine.tables == image.tables else {
            throw DamageFailure("the tables are \(engine.tables)")
        }
        if let probe = probes?.first {
            isDamaged = try scanFails(engine, near: probe, state)
        } else {
            for (index, table) in image.tables.enumerated()
            where try scanFails(engine, table, .all, state.tables[index]) {
                isDamaged = true
            }
        }
        return try getsFail(engine, state) || isDamaged
    }

    /// Every get must be right or a typed error.
    private func getsFail(_ engine: Engine, _ state: TableState) throws -> Bool {
        var errors: [EngineError] = []
        var wrong: DatabaseImage.Probe?
        try engine.readBlocking { view throws(EngineError) in
            for probe in probes ?? image.probes {
                do throws(EngineError) {
                    let value = try view.get(image.tables[probe.table].id, probe.key)
                    if value != state.value(probe) { wrong = probe }
                } catch {
                    errors.append(error)
                }
            }
        }
        if let wrong { throw DamageFailure("a get in table \(wrong.table) gives a wrong answer") }
        for error in errors { try require(error) }
        return !errors.isEmpty
    }

    /// A scan from a key on, over some entries.
    private func scanFails(
        _ engine: Engine,
        near probe: DatabaseImage.Probe,
        _ state: TableState
    ) throws -> Bool {
        let entries = state.tables[probe.table]
        let start = state.place(of: probe.key.bytes, in: entries)
        let end = min(start + 20, entries.count)
        let upper = end < entries.count ? entries[end].key : nil
        let range = EntryRange(lower: probe.key.bytes, upper: upper)
        return try scanFails(engine, image.tables[probe.table], range, Array(entries[start..<end]))
    }

    /// What a scan gives up to an error must be right; without one, all.
    private func scanFails(
        _ engine: Engine,
        _ table: EngineTable,
        _ range: EntryRange,
        _ entries: [TableState.Entry]
    ) throws -> Bool {
        var count = 0
        var isWrong = false
        do throws(EngineError) {
            try engine.readBlocking { view throws(EngineError) in
                try view.scan(table.id, range) { key, value in
                    guard count < entries.count, entries[count].key == key,
                        entries[count].value == value
                    else {
                        isWrong = true
                        return .stop
                    }
                    count += 1
                    return .continue
                }
            }
        } catch {
            try require(error)
            guard !isWrong else { throw DamageFailure("a scan gives a wrong entry") }
            return true
        }
        guard !isWrong, count == entries.count else {
            throw DamageFailure("a scan gives a wrong entry, or too few")
        }
        return false
    }

    /// An error that a user can do something with.
    private func require(_ error: EngineError) throws {
        let isTyped =
            switch error.code {
            case .corrupted, .newerFormat: true
            case .foreignDirectory: allowance == .missing
            default: false
            }
        guard isTyped else { throw DamageFailure("an error that is none of damage: \(error)") }
        guard error.file == name || mayBlameOthers && error.file != nil else {
            throw DamageFailure("an error that names another file: \(error)")
        }
        guard error.offset != nil || mayBlameOthers else {
            throw DamageFailure("an error without an offset: \(error)")
        }
    }
}
