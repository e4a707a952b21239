internal import ShaleFunctions
internal import ShaleTables
internal import ShaleWire
internal import ShalePlatform
internal import Simulation
internal import Synchronization

/// The function of a mapping: it notes in a book what it handles, and fails, takes its time, hangs or says which records went
/// wrong as a seed decides.
final class MappedFunction: Sendable {
    static let timeoutSeconds = 3
    /// Of so many changes one can never be handled, where there is a limit of retries.
    private static let poison = 9

    /// Thrown in the place of an answer.
    struct Odd: Error {}

    /// How a call goes.
    private struct Conduct {
        /// How long it takes.
        var milliseconds: Int64 = 0
        /// How many changes are handled; nil is none, because it fails.
        var handles: Int?
    }

    private let choices: MappingChoices
    private let book: MappingBook
    private let world: World
    private let end: LifeEnd
    /// Of so many calls one fails.
    private let failsOneIn: Int
    private let random: Mutex<SimulatedGenerator>

    init(
        _ choices: MappingChoices,
        _ book: MappingBook,
        _ world: World,
        _ end: LifeEnd,
        seed: UInt64,
        failsOneIn: Int
    ) {
        self.choices = choices
        self.book = book
        self.world = world
        self.end = end
        self.failsOneIn = failsOneIn
        random = Mutex(SimulatedGenerator(seed: seed))
    }

    /// Answers an event.
    func answer(_ payload: [UInt8]) async throws -> [UInt8] {
        // What a crash has cut off goes on for a while, and nobody sees what it does.
        guard !end.isOver else { throw Odd() }
        let event = try book.event(payload)
        let conduct = conduct(event.changes)
        if conduct.handles ?? 0 == 0 { book.failed(event.changes) }
        if conduct.milliseconds > 0 { await world.pause(milliseconds: conduct.milliseconds) }
        guard !end.isOver else { throw Odd() }
        guard let handles = conduct.handles else {
            let isHeard = choices.reportsFailures && !event.changes.isEmpty
            guard isHeard, conduct.milliseconds == 0 else { throw Odd() }
            // Nobody knows what went wrong there, and so all has, and its state does not count.
            return Self.answer("?", state: state(event, event.changes))
        }
        let handled = Array(event.changes.prefix(handles))
        book.handled(handled)
        let failed = event.changes.dropFirst(handles).first?.sequence.description
        if let window = event.window, window.turn != .batch { book.ended(window) }
        return Self.answer(failed, state: state(event, handled))
    }

    private func conduct(_ changes: [GivenChange]) -> Conduct {
        random.withLock { random in
            var conduct = Conduct(handles: changes.count)
            if random.oneIn(3) { conduct.milliseconds = Int64(random.below(400)) }
            if random.oneIn(30) { conduct.milliseconds = 2_000 }
            let bad =
                choices.retries == nil
                ? nil : changes.firstIndex { ($0.number ?? 1) % Self.poison == 0 }
            guard bad != nil || random.oneIn(failsOneIn) else { return conduct }
            let place = bad ?? random.below(changes.count + 1)
            if choices.reportsFailures, random.oneIn(2), place < changes.count {
                conduct.handles = place
            } else {
                conduct.handles = nil
                if random.oneIn(8) {
                    conduct.milliseconds = Int64(Self.timeoutSeconds) * 1_000 + 500
                }
            }
            return conduct
        }
    }

    /// What a window has counted with some changes; nothing where there is none.
    private func state(_ event: GivenEvent, _ changes: [GivenChange]) -> [UInt8] {
        guard let window = event.window else { return [] }
        let counted = window.counted + changes.map(\.sequence)
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("counted")
        writer.beginArray()
        for sequence in counted { writer.string(sequence.description) }
        writer.endArray()
        writer.member("padding", String(repeating: "x", count: choices.padding))
        writer.endObject()
        return writer.bytes
    }

    private static func answer(_ failed: String?, state: [UInt8]) -> [UInt8] {
        var answer = Array("{".utf8)
        if let failed {
            answer += #""batchItemFailures":[{"itemIdentifier":"\#(failed)"}]"#.utf8
        }
        if !state.isEmpty {
            if failed != nil { answer += ",".utf8 }
            answer += #""state":"#.utf8
            answer += state
        }
        answer += "}".utf8
        return answer
    }
}

/// Where it is told what is given up; now and then it refuses.
final class ToldBucket: Bucket {
    private let book: MappingBook
    private let end: LifeEnd
    private let random: Mutex<SimulatedGenerator>

    init(_ book: MappingBook, _ end: LifeEnd, seed: UInt64) {
        self.book = book
        self.end = end
        random = Mutex(SimulatedGenerator(seed: seed))
    }

    func put(_ key: String, _ bytes: [UInt8]) throws(BucketError) {
        guard !end.isOver, random.withLock({ !$0.oneIn(4) }) else {
            throw BucketError(.failed, key, "not now")
        }
        book.told(bytes)
    }

    func sizeBytes(of key: String) throws(BucketError) -> Int { throw Self.absent(key) }
    func read(_ key: String, at _: Int, count _: Int) throws(BucketError) -> [UInt8] {
        throw Self.absent(key)
    }
    func list(prefix _: String) throws(BucketError) -> [String] { [] }
    func delete(_: String) throws(BucketError) {}
    func discardPartial(_: String) throws(BucketError) {}

    private static func absent(_ key: String) -> BucketError {
        BucketError(.notFound, key, "what is told is only noted")
    }
}
