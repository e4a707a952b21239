/// Dates and times of ISO 8601, as far as `$toMillis` takes them without a picture.
enum ISODate {
    /// Milliseconds since 1970; nil where the text is no such date.
    ///
    /// Without a zone it is UTC.
    static func milliseconds(of text: String) -> Int? {
        var reader = DigitReader(Array(text.utf8))
        guard let year = reader.digits(4) else { return nil }
        var month = 1
        var day = 1
        if reader.take("-") {
            guard let number = reader.digits(2), (1...12).contains(number) else { return nil }
            month = number
            if reader.take("-") {
                guard let number = reader.digits(2), (1...31).contains(number) else { return nil }
                day = number
            }
        }
        var milliseconds = 0
        if reader.take("T") {
            guard let hour = reader.digits(2), reader.take(":"), let minute = reader.digits(2),
                reader.take(":"), let second = reader.digits(2), hour < 25, minute < 60, second < 60
            else { return nil }
            milliseconds = ((hour * 60 + minute) * 60 + second) * 1_000
            if reader.take(".") {
                guard let fraction = reader.fraction() else { return nil }
                milliseconds += fraction
            }
        }
        if !reader.take("Z"), !reader.isAtEnd {
            let isBehind = reader.take("-")
            guard isBehind || reader.take("+"), let hours = reader.digits(2) else { return nil }
            _ = reader.take(":")
            guard let minutes = reader.digits(2), hours < 24, minutes < 60 else { return nil }
            milliseconds += (hours * 60 + minutes) * (isBehind ? 60_000 : -60_000)
        }
        guard reader.isAtEnd else { return nil }
        return CalendarDate.dayNumber(year: year, month: month, day: day)
            * CalendarDate.millisecondsPerDay + milliseconds
    }

    private struct DigitReader {
        let bytes: [UInt8]
        var offset = 0

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
        }

        var isAtEnd: Bool { offset == bytes.count }

        mutating func take(_ letter: Unicode.Scalar) -> Bool {
            guard offset < bytes.count, UInt32(bytes[offset]) == letter.value else { return false }
            offset += 1
            return true
        }

        mutating func digits(_ count: Int) -> Int? {
            var value = 0
            for _ in 0..<count {
                guard offset < bytes.count, (48...57).contains(bytes[offset]) else { return nil }
                value = value * 10 + Int(bytes[offset] - 48)
                offset += 1
            }
            return value
        }

        /// The milliseconds of the digits behind the point; more than three are cut off.
        mutating func fraction() -> Int? {
            let start = offset
            var value = 0
            var scale = 100
            while offset < bytes.count, (48...57).contains(bytes[offset]) {
                value += Int(bytes[offset] - 48) * scale
                scale /= 10
                offset += 1
            }
            return offset > start ? value : nil
        }
    }
}
