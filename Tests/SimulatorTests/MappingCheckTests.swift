import ShaleItems
import Testing

@testable import ShaleTables
@testable import Simulator

/// What the histories of mappings must refuse.
struct MappingCheckTests {
    /// What happens to three records, of which the first and the last are of one item.
    enum Happening {
        case given([Int])
        case handled([Int])
        case failed([Int])
        case told([Int])
        case window([Int], counted: [Int])
        case ended(counted: [Int], GivenEvent.Turn = .final)
        case crash
        case rest
    }

    /// What a mapping is like.
    enum Kind {
        case plain
        /// Batches of three.
        case large
        /// What fails once is given up.
        case forgetful
        /// The same, and it is told.
        case telling
        /// Within windows of a minute.
        case tumbling
        /// Begins behind the first record.
        case latest
    }

    private static func record(_ number: Int) throws -> ChangeRecord {
        ChangeRecord(
            sequence: try #require(StreamSequence("100000000000000000000000\(number)")),
            milliseconds: 1_767_225_600_000,
            event: .insert,
            viewType: .newAndOldImages,
            keys: ["p": number == 2 ? "b" : "a", "s": "c"],
            newImage: ["p": number == 2 ? "b" : "a", "s": "c", "n": .number(Number(number))],
            oldImage: nil,
            isExpiry: false
        )
    }

    private static func changes(_ numbers: [Int]) throws -> [GivenChange] {
        try numbers.map { GivenChange(try record($0)) }
    }

    private static func book(_ kind: Kind) throws -> MappingBook {
        var choices = MappingChoices()
        if case .plain = kind {} else { choices.batchSize = 3 }
        switch kind {
        case .plain, .large: break
        case .forgetful: choices.retries = 0
        case .telling:
            choices.retries = 0
            choices.hasDestination = true
        case .tumbling: choices.tumblingSeconds = 60
        case .latest: choices.startsLatest = true
        }
        let book = MappingBook(choices)
        book.making(behind: try record(1).sequence)
        book.made()
        return book
    }

    private static func perform(_ happening: Happening, _ book: MappingBook) throws {
        func window(_ counted: [Int], _ turn: GivenEvent.Turn) throws -> GivenEvent.Window {
            GivenEvent.Window(
                shard: "shard",
                start: "2026-01-01T00:00:00Z",
                counted: try changes(counted).map(\.sequence),
                turn: turn
            )
        }
        switch happening {
        case .given(let numbers): book.given(GivenEvent(changes: try changes(numbers)))
        case .handled(let numbers): book.handled(try changes(numbers))
        case .failed(let numbers): book.failed(try changes(numbers))
        case .told(let numbers): book.told(try changes(numbers).map(\.sequence))
        case .window(let numbers, let counted):
            let window = try window(counted, .batch)
            book.given(GivenEvent(changes: try changes(numbers), window: window))
        case .ended(let counted, let turn): book.ended(try window(counted, turn))
        case .crash: book.endLife(shards: 1)
        case .rest: book.rest()
        }
    }

    @Test(
        arguments: [
            (.plain, [.handled([1]), .handled([2]), .handled([3])], true),
            (.plain, [.handled([2, 1, 3])], true),
            // Of one item the newer one came first.
            (.plain, [.handled([3]), .handled([1]), .handled([2])], false),
            (.plain, [.handled([1, 2])], false),
            (.plain, [.given([1, 2]), .handled([1, 2, 3])], false),
            (.plain, [.handled([1, 2, 3]), .handled([3])], false),
            (.plain, [.handled([1]), .crash, .handled([1, 2, 3])], true),
            (.large, [.handled([1, 2, 3]), .crash, .handled([1, 2, 3]), .crash], true),
            // More than one batch came again.
            (.plain, [.handled([1, 2, 3]), .crash, .handled([1, 2, 3]), .crash], false),
            (.large, [.handled([1, 2, 3]), .rest, .given([3])], false),
            (.plain, [.failed([1]), .handled([2, 3])], false),
            (.forgetful, [.failed([1]), .handled([2, 3])], true),
            (.forgetful, [.handled([2, 3])], false),
            // What was given up comes again behind a crash.
            (.forgetful, [.failed([1]), .handled([2, 3]), .crash, .handled([1])], true),
            (.telling, [.failed([1]), .told([1]), .handled([2, 3])], true),
            (.telling, [.failed([1]), .handled([2, 3])], false),
            (.telling, [.told([1]), .handled([2, 3])], false),
            (.telling, [.failed([1]), .crash, .told([1]), .handled([2, 3])], false),
            (.plain, [.told([1]), .handled([1, 2, 3])], false),
            (.latest, [.given([2, 3]), .handled([2, 3])], true),
            (.latest, [.given([1]), .handled([2, 3])], false),
            (.tumbling, [.given([1]), .handled([1, 2, 3]), .ended(counted: [1, 2, 3])], false),
            (
                .tumbling,
                [
                    .window([1, 2, 3], counted: []), .handled([1, 2, 3]),
                    .ended(counted: [1, 2, 3]),
                ],
                true
            ),
            (.tumbling, [.handled([1, 2, 3]), .ended(counted: [1, 3])], false),
            (.tumbling, [.handled([1, 2, 3]), .ended(counted: [1, 2, 2, 3]), .rest], false),
            // What was counted early counts for good when the shard goes on.
            (
                .tumbling,
                [
                    .handled([1, 2]), .ended(counted: [1, 2], .early), .window([3], counted: []),
                    .crash, .handled([3]), .ended(counted: [2, 3]), .rest,
                ],
                false
            ),
            // An end that is due is written with what follows, and comes again without it.
            (
                .tumbling,
                [
                    .handled([1, 2]), .ended(counted: [1, 2]), .window([3], counted: []), .crash,
                    .ended(counted: [1, 2]), .handled([3]), .ended(counted: [3]), .rest,
                ],
                true
            ),
            // The state that a crash left is older than the place that it left.
            (
                .tumbling,
                [
                    .handled([1]), .crash, .window([1], counted: [1]), .handled([1, 2, 3]),
                    .ended(counted: [1, 2, 3]),
                ],
                false
            ),
            // The end of a window comes again behind a crash, and in one life it does not.
            (
                .tumbling,
                [
                    .handled([1, 2, 3]), .ended(counted: [1, 2, 3]), .crash,
                    .ended(counted: [1, 2, 3]), .rest,
                ],
                true
            ),
            (
                .tumbling,
                [
                    .handled([1, 2]), .ended(counted: [1, 2]), .window([3], counted: []),
                    .handled([3]), .ended(counted: [2, 3]), .rest,
                ],
                false
            ),
        ] as [(Kind, [Happening], Bool)]
    )
    func `each change is handled, in the order of its item, or given up as told`(
        kind: Kind,
        happenings: [Happening],
        isRight: Bool
    ) throws {
        let book = try Self.book(kind)
        for happening in happenings { try Self.perform(happening, book) }
        let records = try (1...3).map(Self.record)
        var isAccepted = true
        do throws(Failure) { try book.checkEnd(records) } catch { isAccepted = false }
        #expect(isAccepted == isRight)
    }

    @Test func `what is acknowledged is in the stream, and what is handled as well`() throws {
        let records = try (1...3).map(Self.record)
        let lost = try Self.book(.plain)
        try Self.perform(.handled([1, 2, 3]), lost)
        lost.acknowledge([1, 2, 3])
        #expect(throws: Never.self) { try lost.checkEnd(records) }
        lost.acknowledge([4])
        #expect(throws: Failure.self) { try lost.checkEnd(records) }
        let ahead = try Self.book(.plain)
        try Self.perform(.handled([1, 2, 3]), ahead)
        #expect(throws: Failure.self) { try ahead.checkEnd(Array(records.prefix(2))) }
    }
}
