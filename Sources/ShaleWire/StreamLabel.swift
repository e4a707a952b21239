internal import ShalePlatform

/// A stream's label: the moment in UTC when it was made, as `2026-11-25T20:00:00.123`.
public enum StreamLabel {
    private static let shape = Array("0000-00-00T00:00:00.000".utf8)

    /// The label of a stream that was made so many milliseconds after 1970-01-01 UTC.
    public static func text(milliseconds: Int64) -> String {
        let rest = milliseconds % 1_000
        return String(
            CivilDate(seconds: milliseconds / 1_000).isoText(milliseconds: rest).dropLast()
        )
    }

    /// The moment that a label says; nil where it is none.
    public static func milliseconds(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count == shape.count else { return nil }
        for (byte, wanted) in zip(bytes, shape) {
            let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            guard wanted == UInt8(ascii: "0") ? isDigit : byte == wanted else { return nil }
        }
        func number(_ range: Range<Int>) -> Int64 {
            bytes[range].reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
        }
        let days = CivilDate.days(year: number(0..<4), month: number(5..<7), day: number(8..<10))
        let seconds = number(11..<13) * 3_600 + number(14..<16) * 60 + number(17..<19)
        let moment = (days * CivilDate.secondsPerDay + seconds) * 1_000 + number(20..<23)
        // Months and hours that there are not come out as another moment.
        return self.text(milliseconds: moment) == text ? moment : nil
    }
}
