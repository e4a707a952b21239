import ShaleItems
import ShaleTables
import ShaleTimers
import Testing

@testable import Simulator

/// What the histories of followers, timers and schedules must refuse.
struct ServerlessCheckTests {
    private static let timer = Timer(Timer.Name(owner: "o", due: 100, id: "t"), note: ["of": "t"])

    /// What happens to a timer that is due at 100.
    enum Happening {
        case set
        case told(at: Int64)
        case cancelled(at: Int64)
        case changed
        case crash
    }

    @Test(
        arguments: [
            ([.set, .told(at: 100)], true),
            // Told again by the next life, which does not know.
            ([.set, .told(at: 100), .crash, .told(at: 120)], true),
            ([.set, .cancelled(at: 99)], true),
            // It was due when it was cancelled, and may have been under way.
            ([.set, .cancelled(at: 100), .told(at: 101)], true),
            ([.told(at: 100)], true),
            ([], true),
            ([.set], false),
            ([.set, .crash], false),
            ([.set, .told(at: 99)], false),
            ([.set, .told(at: 100), .told(at: 101)], false),
            ([.set, .cancelled(at: 99), .told(at: 100)], false),
            ([.set, .changed], false),
        ] as [([Happening], Bool)]
    )
    func `a timer is told at its time, and not when it was cancelled`(
        happenings: [Happening],
        isAllowed: Bool
    ) {
        let book = TimerBook()
        book.begin([Self.timer])
        for happening in happenings {
            switch happening {
            case .set: book.acknowledge([Self.timer])
            case .told(let now): book.told(Self.timer, at: now)
            case .cancelled(let now):
                book.beginCancelling(Self.timer.name)
                book.acknowledgeCancelling(Self.timer.name, at: now)
            case .changed: book.told(Timer(Self.timer.name, note: ["of": "u"]), at: 100)
            case .crash: book.endLife()
            }
        }
        #expect((((try? book.checkEnd()) != nil) == isAllowed))
    }

    @Test func `a timer that nobody set must not be told`() {
        let book = TimerBook()
        book.told(Self.timer, at: 100)
        #expect(throws: Failure.self) { try book.check() }
    }

    /// A schedule that is asked for at 0; it is looked at 200 s later.
    @Test(
        arguments: [
            (.once(9_000), ["9": 9_000], [], nil, true),
            (.once(9_000), ["9": 12_500], [], nil, true),
            (.once(9_000), ["9": 150_000], [140_000], nil, true),
            (.once(9_000), [:], [], 8_000, true),
            (.once(9_000), [:], [], nil, false),
            (.once(9_000), ["9": 8_999], [], nil, false),
            (.once(9_000), ["9": 9_000, "10": 10_000], [], nil, false),
            (.once(9_000), ["9": 9_000], [], 8_999, false),
            (
                .eachMinute, ["0": 0, "60": 60_000, "120": 120_000, "180": 180_000], [], nil, true
            ),
            // The machine was off: the last of two that were missed is made up, and the next comes at its time.
            (
                .eachMinute, ["0": 0, "120": 135_000, "180": 180_000], [134_000], nil, true
            ),
            (.eachMinute, ["0": 0, "60": 60_000], [], 61_000, true),
            (.eachMinute, ["0": 0, "120": 120_000, "180": 180_000], [], nil, false),
            (
                .eachMinute, ["0": 0, "120": 150_000, "180": 180_000], [134_000], nil, false
            ),
            (.eachMinute, ["0": 0, "60": 60_000, "120": 120_000], [], nil, false),
            (.eachMinute, ["60": 60_000, "120": 120_000, "180": 180_000], [], nil, false),
            (.eachMinute, [:], [], nil, false),
            (.eachMinute, ["0": 0, "60": 60_000], [], 50_000, false),
        ] as [(ScheduleBook.Kind, [String: Int64], [Int64], Int64?, Bool)]
    )
    func `a schedule starts at its times, until it is deleted`(
        kind: ScheduleBook.Kind,
        starts: [String: Int64],
        openings: [Int64],
        deletedAt: Int64?,
        isRight: Bool
    ) {
        let book = ScheduleBook()
        book.begin("s", kind, at: 0)
        book.acknowledge("s")
        for opening in openings { book.opened(at: opening) }
        if let deletedAt {
            book.beginDeleting("s")
            book.acknowledgeDeleting("s", at: deletedAt)
        }
        let told = starts.map { ScheduleBook.Start(schedule: "s", scheduled: $0.key, at: $0.value) }
        var isAccepted = true
        do throws(Failure) { try book.check(told, at: 200_000) } catch { isAccepted = false }
        #expect(isAccepted == isRight)
    }

    @Test func `one time is one start, and of a schedule that somebody made`() {
        let book = ScheduleBook()
        let start = ScheduleBook.Start(schedule: "s", scheduled: "9", at: 9_000)
        #expect(throws: Failure.self) { try book.check([start], at: 200_000) }
        book.begin("s", .once(9_000), at: 0)
        #expect(throws: Never.self) { try book.check([start], at: 200_000) }
        #expect(throws: Failure.self) { try book.check([start, start], at: 200_000) }
    }

    @Test(arguments: [(2, true), (1, false), (3, false), (nil, false)])
    func `an artist has as many songs as are counted`(count: Int?, isRight: Bool) async throws {
        let database = try await Database.inMemory()
        try await CountedSongs.make(in: database)
        let tables = try CountedSongs(database)
        for title in 0..<2 { try await tables.songs.put(CountedSongs.song(1, title)) }
        if let count {
            try await tables.counts.put(["artist": "1", "songs": .number(Number(count))])
        }
        var isAccepted = true
        do { try await tables.check() } catch is Failure { isAccepted = false }
        #expect(isAccepted == isRight)
        try await database.close()
    }
}
