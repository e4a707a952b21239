internal import ShalePlatform

/// A moment as signatures write it: `20300102T030405Z`, the basic format of ISO 8601 in UTC.
struct SigningDate: Equatable {
    /// The sixteen characters.
    let text: String
    /// Seconds since 1970-01-01 UTC.
    let seconds: Int64

    /// The first eight characters: year, month, day.
    var day: String { String(decoding: text.utf8.prefix(8), as: UTF8.self) }

    /// Reads the text, or gives nil when it is no such date.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z")
        else { return nil }
        func digits(_ range: Range<Int>) -> Int64? {
            var value: Int64 = 0
            for byte in bytes[range] {
                guard byte &- UInt8(ascii: "0") < 10 else { return nil }
                value = value * 10 + Int64(byte - UInt8(ascii: "0"))
            }
            return value
        }
        guard let year = digits(0..<4), let month = digits(4..<6), let day = digits(6..<8),
            let hour = digits(9..<11), let minute = digits(11..<13), let second = digits(13..<15),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        self.text = text
        let days = CivilDate.days(year: year, month: month, day: day)
        seconds = days * CivilDate.secondsPerDay + hour * 3_600 + minute * 60 + second
    }

    /// Writes the moment that many seconds after 1970-01-01 UTC.
    init(seconds: Int64) {
        self.seconds = seconds
        let date = CivilDate(seconds: seconds)
        text = [
            CivilDate.padded(date.year, 4), date.two(date.month), date.two(date.day), "T",
            date.two(date.hour), date.two(date.minute), date.two(date.second), "Z",
        ].joined()
    }
}
