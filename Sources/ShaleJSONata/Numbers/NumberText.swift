/// Numbers as JavaScript writes and rounds them.
enum NumberText {
    /// The digits of a number: 0.d1d2d3… times ten to the power of `point`.
    struct Digits {
        var digits: [UInt8]
        var point: Int
    }

    /// The fewest digits that read back as the same double.
    static func shortestDigits(_ value: Double) -> Digits {
        var digits: [UInt8] = []
        var point = 0
        var isBehindPoint = false
        var exponent = 0
        let parts = value.magnitude.description.split(separator: "e")
        for character in parts[0].utf8 {
            if character == UInt8(ascii: ".") {
                isBehindPoint = true
                continue
            }
            if !isBehindPoint { point += 1 }
            digits.append(character - UInt8(ascii: "0"))
        }
        if parts.count > 1 { exponent = Int(parts[1]) ?? 0 }
        return normalized(Digits(digits: digits, point: point + exponent))
    }

    private static func normalized(_ number: Digits) -> Digits {
        var result = number
        let zeros = result.digits.prefix { $0 == 0 }.count
        result.digits.removeFirst(zeros)
        result.point -= zeros
        while result.digits.last == 0 { result.digits.removeLast() }
        if result.digits.isEmpty { result.point = 0 }
        return result
    }

    /// A number as `String(value)` of JavaScript has it.
    static func shortest(_ value: Double) -> String {
        guard value.isFinite else {
            return value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
        }
        // Whole numbers that a double holds exactly need no digits of their own.
        if value.magnitude < 9_007_199_254_740_992, value == value.rounded(.towardZero) {
            return String(Int(value))
        }
        return (value < 0 ? "-" : "") + text(shortestDigits(value))
    }

    /// A number with at most 15 significant digits, as `$string` has it.
    static func ofFifteenDigits(_ value: Double) -> String {
        let digits = shortestDigits(value)
        guard digits.digits.count > 15, value.isFinite else { return shortest(value) }
        let rounded = rounded(ExactDecimal.digits(of: value), toDigits: 15)
        return (value < 0 ? "-" : "") + text(rounded)
    }

    private static func text(_ number: Digits) -> String {
        let digits = number.digits.map { Character(Unicode.Scalar($0 + 48)) }
        let point = number.point
        if (digits.count...21).contains(point) {
            return String(digits) + String(repeating: "0", count: point - digits.count)
        }
        if point > 0, point <= 21 {
            return String(digits[..<point]) + "." + String(digits[point...])
        }
        if point > -6, point <= 0 {
            return "0." + String(repeating: "0", count: -point) + String(digits)
        }
        let exponent = point - 1
        let mantissa = String(digits[0]) + (digits.count > 1 ? "." + String(digits[1...]) : "")
        return mantissa + "e" + (exponent < 0 ? "-" : "+") + String(exponent.magnitude)
    }

    /// A number rounded to so many digits; a half goes up.
    static func rounded(_ number: Digits, toDigits count: Int) -> Digits {
        guard count >= 0 else { return Digits(digits: [], point: 0) }
        guard number.digits.count > count else { return number }
        var result = number
        let goesUp = number.digits[count] >= 5
        result.digits.removeLast(number.digits.count - count)
        guard goesUp else { return normalized(result) }
        var index = count - 1
        while index >= 0, result.digits[index] == 9 {
            result.digits[index] = 0
            index -= 1
        }
        if index >= 0 {
            result.digits[index] += 1
        } else {
            result.digits.insert(1, at: 0)
            result.point += 1
        }
        return normalized(result)
    }

    /// A number without its sign and with so many digits behind the point, as `toFixed` has it.
    static func fixed(_ value: Double, places: Int) -> (whole: [UInt8], fraction: [UInt8]) {
        let exact = ExactDecimal.digits(of: value)
        let rounded = rounded(exact, toDigits: exact.point + places)
        var whole: [UInt8] = []
        var fraction: [UInt8] = []
        for place in 0..<max(rounded.point, 0) {
            whole.append(place < rounded.digits.count ? rounded.digits[place] : 0)
        }
        for place in 0..<places {
            let index = rounded.point + place
            fraction.append(rounded.digits.indices.contains(index) ? rounded.digits[index] : 0)
        }
        return (whole, fraction)
    }

    /// A number times a power of ten, as its decimal text says.
    static func shifted(_ value: Double, by places: Int) -> Double {
        guard value.isFinite, value != 0 else { return value }
        let number = shortestDigits(value)
        let digits = String(number.digits.map { Character(Unicode.Scalar($0 + 48)) })
        let exponent = number.point - number.digits.count + places
        return Double("\(value < 0 ? "-" : "")\(digits)e\(exponent)") ?? value
    }

    /// A number rounded to so many places behind the point; a half goes to the even neighbour.
    static func roundedHalfEven(_ value: Double, places: Int) -> Double {
        let rounded = shifted(value, by: places).rounded(.toNearestOrEven)
        let result = shifted(rounded, by: -places)
        return result == 0 ? 0 : result
    }
}

/// All digits of a double, which are finitely many.
enum ExactDecimal {
    private static let chunk: UInt64 = 1_000_000_000

    static func digits(of value: Double) -> NumberText.Digits {
        guard value != 0, value.isFinite else { return NumberText.Digits(digits: [], point: 0) }
        let significand = value.significandBitPattern
        let isNormal = value.isNormal
        let mantissa = isNormal ? significand | 1 << 52 : significand
        let exponent = (isNormal ? Int(value.exponentBitPattern) : 1) - 1075
        // Nine digits each, the lowest first.
        var number = [mantissa % chunk, mantissa / chunk % chunk]
        // m / 2^k is m * 5^k / 10^k.
        multiply(&number, by: exponent < 0 ? 5 : 2, times: Int(exponent.magnitude))
        var digits: [UInt8] = []
        for part in number {
            var rest = part
            for _ in 0..<9 {
                digits.append(UInt8(rest % 10))
                rest /= 10
            }
        }
        while digits.last == 0 { digits.removeLast() }
        let point = digits.count + min(exponent, 0)
        digits.reverse()
        while digits.last == 0 { digits.removeLast() }
        return NumberText.Digits(digits: digits, point: point)
    }

    private static func multiply(_ number: inout [UInt64], by factor: UInt64, times: Int) {
        var left = times
        while left > 0 {
            var power: UInt64 = 1
            let count = min(left, 12)
            for _ in 0..<count { power *= factor }
            left -= count
            var carry: UInt64 = 0
            for index in number.indices {
                let product = number[index] * power + carry
                number[index] = product % chunk
                carry = product / chunk
            }
            while carry > 0 {
                number.append(carry % chunk)
                carry /= chunk
            }
        }
    }
}
