/// The bytes of a zone's file: TZif of version 2 or later (RFC 9636), big-endian.
///
///     header      44  "TZif", version, 15 unused, six counts of 4: UT marks, standard marks, leap seconds,
///                     transitions, types, letters
///     data of v1      with times of 4 bytes: passed over
///     header      44  the same for what follows
///     times        8  for each transition: seconds since 1970-01-01 UTC
///     indexes      1  for each transition: the type that begins
///     types        6  for each: offset in seconds east of UTC (4), whether it is summer time, its name
///     letters, leap seconds (12 each), marks
///     footer          a line feed, the rule for what comes behind (`ZoneRule`), a line feed
enum ZoneFormat {
    private static let headerBytes = 44
    private static let countsOffset = 20
    private static let typeBytes = 6
    /// Far more than any has.
    private static let countLimit = 100_000

    private struct Counts {
        var utMarks, standardMarks, leaps, transitions, types, letters: Int

        func bytes(timeBytes: Int) -> Int {
            transitions * (timeBytes + 1) + types * ZoneFormat.typeBytes + letters
                + leaps * (timeBytes + 4) + standardMarks + utMarks
        }
    }

    /// Reads a zone; nil where the bytes are none.
    static func zone(_ bytes: [UInt8]) -> Zone? {
        guard let old = counts(bytes, at: 0), bytes[4] >= UInt8(ascii: "2") else { return nil }
        let second = headerBytes + old.bytes(timeBytes: 4)
        guard let counts = counts(bytes, at: second) else { return nil }
        let start = second + headerBytes
        let end = start + counts.bytes(timeBytes: 8)
        guard end < bytes.count, counts.types > 0 else { return nil }
        let indexes = start + counts.transitions * 8
        let types = indexes + counts.transitions
        func offset(ofType index: Int) -> Int64? {
            guard index < counts.types else { return nil }
            return Int64(
                Int32(truncatingIfNeeded: number(bytes, types + index * typeBytes, 4))
            )
        }
        let times = (0..<counts.transitions).map { number(bytes, start + $0 * 8, 8) }
        let offsets = (0..<counts.transitions).compactMap {
            offset(ofType: Int(bytes[indexes + $0]))
        }
        guard let first = offset(ofType: 0), offsets.count == times.count,
            zip(times, times.dropFirst()).allSatisfy({ $0 < $1 })
        else { return nil }
        let footer = bytes[end...].split(separator: UInt8(ascii: "\n")).first ?? []
        let rule = ZoneRule(String(decoding: footer, as: UTF8.self))
        guard footer.isEmpty || rule != nil else { return nil }
        return Zone(first: first, times: times, offsets: offsets, rule: rule)
    }

    private static func counts(_ bytes: [UInt8], at offset: Int) -> Counts? {
        guard offset + headerBytes <= bytes.count,
            bytes[offset..<offset + 4].elementsEqual("TZif".utf8)
        else { return nil }
        let all = (0..<6).map { Int(number(bytes, offset + countsOffset + $0 * 4, 4)) }
        guard all.allSatisfy({ $0 <= countLimit }) else { return nil }
        return Counts(
            utMarks: all[0],
            standardMarks: all[1],
            leaps: all[2],
            transitions: all[3],
            types: all[4],
            letters: all[5]
        )
    }

    private static func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Int64 {
        bytes[offset..<offset + count].reduce(0) { $0 << 8 | Int64($1) }
    }
}
