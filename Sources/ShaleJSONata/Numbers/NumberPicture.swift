/// A picture of `$formatNumber`: `#,##0.00`, as XPath's decimal format has it.
struct NumberPicture {
    private let characters: DecimalCharacters
    private let positive: SubPicture
    private let negative: SubPicture?

    /// `options`: other characters for those of a picture, by their names in XPath.
    init(_ picture: String, options: ObjectValue?) throws(JSONataError) {
        guard picture.unicodeScalars.count <= IntegerPicture.lengthLimit else {
            throw JSONataError("U1002")
        }
        let characters = DecimalCharacters(options)
        var parts: [String] = []
        var rest = picture[...]
        while let range = rest.range(of: characters.patternSeparator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
            guard parts.count < 3 else { break }
        }
        parts.append(String(rest))
        guard parts.count <= 2 else { throw JSONataError("D3080") }
        self.characters = characters
        positive = try SubPicture(parts[0], characters)
        negative = parts.count == 2 ? try SubPicture(parts[1], characters) : nil
    }

    func text(of value: Double) -> String {
        guard value < 0 else { return positive.text(of: value, characters, prefix: "") }
        if let negative { return negative.text(of: value, characters, prefix: "") }
        return positive.text(of: value, characters, prefix: characters.minus)
    }
}

/// The characters of a picture that mean something.
struct DecimalCharacters {
    var point = "."
    var grouping = ","
    var exponent = "e"
    var minus = "-"
    var percent = "%"
    var perMille = "‰"
    var zero: Unicode.Scalar = "0"
    var digit = "#"
    var patternSeparator = ";"

    init(_ options: ObjectValue?) {
        func option(_ name: String, _ standard: String) -> String {
            guard case .string(let text)? = options?[name], !text.isEmpty else { return standard }
            return text
        }
        point = option("decimal-separator", point)
        grouping = option("grouping-separator", grouping)
        exponent = option("exponent-separator", exponent)
        minus = option("minus-sign", minus)
        percent = option("percent", percent)
        perMille = option("per-mille", perMille)
        zero = option("zero-digit", "0").unicodeScalars.first ?? "0"
        digit = option("digit", digit)
        patternSeparator = option("pattern-separator", patternSeparator)
    }

    func isDigit(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= zero.value && scalar.value - zero.value < 10
    }

    /// Whether a character stands for a part of the number.
    func isActive(_ scalar: Unicode.Scalar) -> Bool {
        let text = String(Character(scalar))
        return isDigit(scalar)
            || [point, grouping, exponent, digit, patternSeparator].contains { $0.isSame(as: text) }
    }

    func character(for digit: UInt8) -> Character {
        Character(Unicode.Scalar(zero.value + UInt32(digit)) ?? "?")
    }
}

/// One half of a picture: for positive or for negative numbers.
struct SubPicture {
    private var prefix = ""
    private var suffix = ""
    private var whole: [Unicode.Scalar] = []
    private var fraction: [Unicode.Scalar] = []
    private var exponent: [Unicode.Scalar]?
    private var factor = 1.0

    private var wholePlaces: [Int] = []
    private var regularGroup = 0
    private var fractionPlaces: [Int] = []
    private var leastWhole = 0
    private var scaling = 0
    private var leastFraction = 0
    private var mostFraction = 0

    init(_ picture: String, _ characters: DecimalCharacters) throws(JSONataError) {
        let scalars = Array(picture.unicodeScalars)
        let exponentMark = characters.exponent.unicodeScalars.first
        let isCore = { (scalar: Unicode.Scalar) in
            characters.isActive(scalar) && scalar != exponentMark
        }
        let first = scalars.firstIndex(where: isCore) ?? 0
        let last = scalars.lastIndex(where: isCore).map { $0 + 1 } ?? scalars.count
        prefix = String(String.UnicodeScalarView(scalars[..<first]))
        suffix = String(String.UnicodeScalarView(scalars[last...]))
        let active = scalars[first..<last]
        var mantissa = active
        if let mark = active.firstIndex(where: { $0 == exponentMark }) {
            mantissa = active[..<mark]
            exponent = Array(active[(mark + 1)...])
        }
        let pointMark = characters.point.unicodeScalars.first
        if let point = mantissa.firstIndex(where: { $0 == pointMark }) {
            whole = Array(mantissa[..<point])
            fraction = Array(mantissa[(point + 1)...])
        } else {
            whole = Array(mantissa)
        }
        let check = PictureCheck(
            picture: picture,
            active: Array(active),
            mantissa: Array(mantissa),
            whole: whole,
            fraction: fraction,
            exponent: exponent,
            characters: characters
        )
        if let code = check.fault { throw JSONataError(code) }
        if picture.range(of: characters.percent) != nil { factor = 100 }
        if picture.range(of: characters.perMille) != nil { factor = 1_000 }
        measure(characters)
    }

    private mutating func measure(_ characters: DecimalCharacters) {
        let grouping = characters.grouping.unicodeScalars.first
        let digit = characters.digit.unicodeScalars.first
        for (index, scalar) in whole.enumerated() where scalar == grouping {
            wholePlaces.append(whole[(index + 1)...].count { $0 != grouping })
        }
        for (index, scalar) in fraction.enumerated() where scalar == grouping {
            fractionPlaces.append(fraction[..<index].count { $0 != grouping })
        }
        regularGroup = regularRepeat(wholePlaces)
        leastWhole = whole.count(where: characters.isDigit)
        scaling = leastWhole
        leastFraction = fraction.count(where: characters.isDigit)
        mostFraction = fraction.count { characters.isDigit($0) || $0 == digit }
        if leastWhole == 0, mostFraction == 0 {
            if exponent != nil {
                leastFraction = 1
                mostFraction = 1
            } else {
                leastWhole = 1
            }
        }
        if exponent != nil, leastWhole == 0, whole.contains(where: { $0 == digit }) {
            leastWhole = 1
        }
        if leastWhole == 0, leastFraction == 0 { leastFraction = 1 }
    }

    func text(of value: Double, _ characters: DecimalCharacters, prefix sign: String) -> String {
        var mantissa = value.magnitude * factor
        var power = 0
        if exponent != nil, mantissa != 0, mantissa.isFinite {
            // The mantissa has as many digits before the point as the picture has.
            power = NumberText.shortestDigits(mantissa).point - scaling
            mantissa = NumberText.shifted(mantissa, by: -power)
        }
        let number = NumberText.fixed(mantissa, places: mostFraction)
        var result = Array(repeating: UInt8(0), count: max(0, leastWhole - number.whole.count))
        result += number.whole
        while result.count > leastWhole, result.first == 0 { result.removeFirst() }
        var decimals = number.fraction
        while decimals.count > leastFraction, decimals.last == 0 { decimals.removeLast() }
        let grouped = grouped(result, characters)
        var text = sign + prefix + grouped
        if !decimals.isEmpty {
            text += characters.point
            for (index, digit) in decimals.enumerated() {
                if fractionPlaces.contains(index) { text += characters.grouping }
                text.append(characters.character(for: digit))
            }
        }
        if let exponent {
            let digits = String(power.magnitude).utf8.map { $0 - 48 }
            let zeros = Array(repeating: UInt8(0), count: max(0, exponent.count - digits.count))
            text += characters.exponent + (power < 0 ? characters.minus : "")
            for digit in zeros + digits { text.append(characters.character(for: digit)) }
        }
        return text + suffix
    }

    private func grouped(_ digits: [UInt8], _ characters: DecimalCharacters) -> String {
        var text = ""
        for (index, digit) in digits.enumerated() {
            let behind = digits.count - index
            let isPlace =
                regularGroup > 0 ? behind % regularGroup == 0 : wholePlaces.contains(behind)
            if index > 0, isPlace { text += characters.grouping }
            text.append(characters.character(for: digit))
        }
        return text
    }
}

/// The distance that separators keep to one another; 0 where they keep none.
func regularRepeat(_ places: [Int]) -> Int {
    guard !places.isEmpty else { return 0 }
    let factor = places.reduce(0) { first, second in
        var (a, b) = (first, second)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }
    return (1...places.count).allSatisfy { places.contains($0 * factor) } ? factor : 0
}
