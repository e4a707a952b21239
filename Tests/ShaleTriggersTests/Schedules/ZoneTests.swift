import ShalePlatform
import Testing

@testable import ShaleTriggers

/// Zones: their rules, their files, and what the machine has.
@Suite struct ZoneTests {
    /// Offsets in hours, of moments in UTC, by the rules of RFC 9636, section 3.3.
    @Test(
        arguments: [
            ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T00:59:59", 1),
            ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T01:00:00", 2),
            ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T00:59:59", 2),
            ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T01:00:00", 1),
            ("EST5EDT,M3.2.0,M11.1.0", "2026-03-08T06:59:59", -5),
            ("EST5EDT,M3.2.0,M11.1.0", "2026-03-08T07:00:00", -4),
            ("EST5EDT,M3.2.0,M11.1.0", "2026-11-01T06:00:00", -5),
            // Ireland's winter time is the change, an hour less.
            ("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-07-01T00:00:00", 1),
            ("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-01-01T00:00:00", 0),
            // Greenland's changes are on Saturday evenings: a time before the day.
            ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00", -1),
            ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59", -2),
            ("NZST-12NZDT,M9.5.0,M4.1.0/3", "2026-01-01T00:00:00", 13),
            ("JST-9", "2026-07-01T00:00:00", 9),
            ("AAA3BBB,J60/0,J300/0", "2028-03-01T03:00:00", -2),
            ("AAA3BBB,J60/0,J300/0", "2028-03-01T02:59:59", -3),
            ("AAA3BBB,59/0,300/0", "2028-02-29T03:00:00", -2),
        ] as [(String, String, Int64)]
    )
    func `a rule tells the offset at any time`(rule: String, at: String, hours: Int64) throws {
        let rule = try #require(ZoneRule(rule))
        #expect(rule.offset(at: ScheduleMoments.utc(at) / 1_000) == hours * 3_600)
    }

    @Test(arguments: [
        "", "CET", "C1", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0/3x",
        "<CET1", "CET-168", "CET-1CEST,J0,J1",
    ])
    func `what is no rule is none`(_ text: String) { #expect(ZoneRule(text) == nil) }

    /// A file of version 2: local mean time, then UTC-3 from 1000 s on, then UTC-2 from 2000 s on, then the rule.
    private static func file(footer: String = "<-02>2") -> [UInt8] {
        func big(_ number: Int64, _ count: Int) -> [UInt8] {
            (0..<count).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
        }
        func header(_ transitions: Int64, _ types: Int64) -> [UInt8] {
            var bytes = Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15)
            for count in [0, 0, 0, transitions, types, 4] as [Int64] { bytes += big(count, 4) }
            return bytes
        }
        var bytes = header(1, 1) + big(5, 4) + [0] + big(0, 4) + [0, 0] + Array("LMT\0".utf8)
        bytes += header(2, 3) + big(1_000, 8) + big(2_000, 8) + [1, 2]
        for offset in [-12_345, -10_800, -7_200] as [Int64] { bytes += big(offset, 4) + [0, 0] }
        return bytes + Array("LMT\0".utf8) + Array("\n\(footer)\n".utf8)
    }

    @Test func `a file tells each offset from its beginning on`() throws {
        let zone = try #require(ZoneFormat.zone(Self.file()))
        let offsets = [0, 999, 1_000, 1_999, 2_000, 9_999].map { zone.offset(at: $0) }
        #expect(offsets == [-12_345, -12_345, -10_800, -10_800, -7_200, -7_200])
    }

    @Test func `bytes that are no file are none, wherever they end`() {
        let file = Self.file()
        for count in 0..<file.count - 8 {
            #expect(ZoneFormat.zone(Array(file.prefix(count))) == nil)
        }
        #expect(ZoneFormat.zone(Self.file(footer: "nonsense")) == nil)
        var other = file
        other[0] = 0
        #expect(ZoneFormat.zone(other) == nil)
    }

    @Test func `a zone is read by its name, and no name leads elsewhere`() throws {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        for directory in ["zones", "zones/America", "zones/posix"] {
            try world.files.createDirectory(directory)
        }
        for path in ["zones/America/Noronha", "zones/posix/UTC", "secret"] {
            let file = try world.files.open(path, .create)
            try file.write(Self.file(), at: 0)
            file.close()
        }
        let zones = Zones(world.files, directory: "zones")
        #expect(zones.zone("America/Noronha")?.offset(at: 5_000) == -7_200)
        #expect(zones.zone("UTC") == .utc)
        for name in [
            "", "America", "America/", "../secret", "posix/UTC", "Mars/Olympus", "/secret",
        ] {
            #expect(zones.zone(name) == nil, "\(name)")
        }
    }

    private static let hasDatabase =
        (try? PosixFileSystem().kind(of: Zones.directory + "/Europe/Berlin")) == .file

    @Test(
        .enabled(if: hasDatabase, "the machine has no zone database"),
        arguments: [
            ("Europe/Berlin", "2026-07-01T00:00:00", 7_200),
            ("Europe/Berlin", "1970-07-01T00:00:00", 3_600),
            ("America/New_York", "2040-07-01T00:00:00", -14_400),
            ("Asia/Kolkata", "2026-07-01T00:00:00", 19_800),
            ("Australia/Lord_Howe", "2026-01-01T00:00:00", 39_600),
            ("Pacific/Apia", "2011-12-29T00:00:00", -36_000),
            ("Pacific/Apia", "2012-01-01T00:00:00", 50_400),
        ] as [(String, String, Int64)]
    )
    func `the machine's zones are read`(name: String, at: String, offset: Int64) throws {
        let zone = try #require(Zones(PosixFileSystem()).zone(name))
        #expect(zone.offset(at: ScheduleMoments.utc(at) / 1_000) == offset)
    }
}
