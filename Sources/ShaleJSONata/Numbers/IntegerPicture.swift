internal import ShaleJSON

/// A picture of an integer: `#,##0`, `I`, `a`, `w;o`, for `$formatInteger`, `$parseInteger` and dates.
struct IntegerPicture {
    var kind: Kind
    let isOrdinal: Bool

    enum Kind {
        /// Digits of one script, and separators at places counted from the end.
        case decimal(Decimal)
        case letters(isUpper: Bool)
        case roman(isUpper: Bool)
        case words(Case)
        case sequence(String)
    }

    enum Case {
        case lower
        case upper
        case title
    }

    struct Decimal {
        var mandatory = 0
        var optional = 0
        var zero: UInt32 = 0x30
        var separators: [(place: Int, scalar: Unicode.Scalar)] = []
        /// The distance of separators that are all alike; 0 where they are not.
        var regular = 0
    }

    /// How long a pattern of digits may be.
    static let lengthLimit = 1_000

    /// The zeros of the scripts that have digits.
    private static let zeros: [UInt32] = [
        0x30, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66,
        0x0CE6, 0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946,
        0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0,
        0xA9F0, 0xAA50, 0xABF0, 0xFF10,
    ]

    init(_ picture: String) throws(JSONataError) {
        var primary = picture
        var modifier = ""
        if let semicolon = picture.lastIndex(of: ";") {
            primary = String(picture[..<semicolon])
            modifier = String(picture[picture.index(after: semicolon)...])
        }
        try self.init(primary: primary, isOrdinal: modifier.hasPrefix("o"))
    }

    init(primary: String, isOrdinal: Bool) throws(JSONataError) {
        self.isOrdinal = isOrdinal
        switch primary {
        case "A", "a": kind = .letters(isUpper: primary == "A")
        case "I", "i": kind = .roman(isUpper: primary == "I")
        case "W": kind = .words(.upper)
        case "w": kind = .words(.lower)
        case "Ww": kind = .words(.title)
        default:
            let decimal = try Self.decimal(primary)
            kind = decimal.map(Kind.decimal) ?? .sequence(primary)
        }
    }

    /// A pattern of digits; nil where there is none that must stand.
    private static func decimal(_ picture: String) throws(JSONataError) -> Decimal? {
        guard picture.unicodeScalars.count <= lengthLimit else { throw JSONataError("U1002") }
        var decimal = Decimal()
        var zero: UInt32?
        var place = 0
        for scalar in picture.unicodeScalars.reversed() {
            let digits = zeros.first { scalar.value >= $0 && scalar.value <= $0 + 9 }
            if let digits {
                guard zero ?? digits == digits else { throw JSONataError("D3131") }
                zero = digits
                decimal.mandatory += 1
                place += 1
            } else if scalar == "#" {
                decimal.optional += 1
                place += 1
            } else {
                decimal.separators.append((place, scalar))
            }
        }
        guard let zero else { return nil }
        decimal.zero = zero
        let isAlike = decimal.separators.allSatisfy { $0.scalar == decimal.separators[0].scalar }
        if isAlike { decimal.regular = regularRepeat(decimal.separators.map(\.place)) }
        return decimal
    }

    /// How many bytes the text of a number takes at most.
    func size(of value: Double) -> Int {
        switch kind {
        case .roman: value.isNaN ? 16 : Int(min(value.magnitude / 1_000, 1e15)) + 16
        default: 1_000
        }
    }

    // MARK: Writing

    func text(of value: Double) throws(JSONataError) -> String {
        let magnitude = value.magnitude.rounded(.down)
        guard magnitude.isFinite else { throw JSONataError("D1001") }
        let text: String
        switch kind {
        case .decimal(let decimal): text = decimal.text(of: magnitude, isOrdinal: isOrdinal)
        case .letters(let isUpper): text = Self.letters(of: magnitude, isUpper: isUpper)
        case .roman(let isUpper):
            let roman = Roman.text(of: magnitude)
            text = isUpper ? roman.uppercased() : roman
        case .words(let style):
            let words = NumberWords.text(of: magnitude, isOrdinal: isOrdinal)
            switch style {
            case .lower: text = words.lowercased()
            case .upper: text = words.uppercased()
            case .title: text = words
            }
        case .sequence(let token): throw JSONataError("D3130", value: .string(token))
        }
        return value < 0 ? "-" + text : text
    }

    private static func letters(of value: Double, isUpper: Bool) -> String {
        var letters: [Character] = []
        var rest = value
        while rest > 0 {
            let letter = UInt8((rest - 1).truncatingRemainder(dividingBy: 26))
            letters.append(Character(Unicode.Scalar(letter + (isUpper ? 65 : 97))))
            rest = ((rest - 1) / 26).rounded(.down)
        }
        return String(letters.reversed())
    }

    // MARK: Reading

    /// The number that a text of this picture says; nil where it says none.
    func number(in text: String) -> Double? {
        switch kind {
        case .decimal(let decimal): return decimal.number(in: text, isOrdinal: isOrdinal)
        case .letters:
            var value = 0.0
            for byte in text.uppercased().utf8 {
                guard (65...90).contains(byte) else { return nil }
                value = value * 26 + Double(byte - 64)
            }
            return value
        case .roman: return Roman.number(in: text)
        case .words: return NumberWords.number(in: text)
        case .sequence: return nil
        }
    }
}

extension IntegerPicture.Decimal {
    func text(of value: Double, isOrdinal: Bool) -> String {
        var digits = NumberText.fixed(value, places: 0).whole
        while digits.count < max(mandatory, 1) { digits.insert(0, at: 0) }
        var text = ""
        for (index, digit) in digits.enumerated() {
            let behind = digits.count - index
            if index > 0 {
                let separator = separators.first { $0.place == behind }
                if regular > 0, behind % regular == 0 {
                    text.unicodeScalars.append(separators[0].scalar)
                } else if regular == 0, let separator {
                    text.unicodeScalars.append(separator.scalar)
                }
            }
            text.unicodeScalars.append(Unicode.Scalar(zero + UInt32(digit)) ?? "?")
        }
        return isOrdinal ? text + ending(digits) : text
    }

    private func ending(_ digits: [UInt8]) -> String {
        let isTeen = digits.count > 1 && digits[digits.count - 2] == 1
        switch digits.last {
        case 1 where !isTeen: return "st"
        case 2 where !isTeen: return "nd"
        case 3 where !isTeen: return "rd"
        default: return "th"
        }
    }

    func number(in text: String, isOrdinal: Bool) -> Double? {
        var scalars = Array(text.unicodeScalars)
        if isOrdinal { scalars.removeLast(min(2, scalars.count)) }
        var digits = ""
        for scalar in scalars where !separators.contains(where: { $0.scalar == scalar }) {
            guard scalar.value >= zero, scalar.value - zero < 10 else { return nil }
            digits += String(scalar.value - zero)
        }
        return Double(digits)
    }
}
