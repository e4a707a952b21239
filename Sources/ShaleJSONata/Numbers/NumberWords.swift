/// Numbers in English words.
enum NumberWords {
    private static let few = [
        "Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten",
        "Eleven", "Twelve", "Thirteen", "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen",
        "Nineteen",
    ]
    private static let ordinals = [
        "Zeroth", "First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth",
        "Ninth", "Tenth", "Eleventh", "Twelfth", "Thirteenth", "Fourteenth", "Fifteenth",
        "Sixteenth", "Seventeenth", "Eighteenth", "Nineteenth",
    ]
    private static let decades = [
        "Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety",
    ]
    private static let magnitudes = ["Thousand", "Million", "Billion", "Trillion"]

    static func text(of value: Double, isOrdinal: Bool) -> String {
        text(of: value, isContinued: false, isOrdinal)
    }

    private static func text(
        of value: Double,
        isContinued: Bool,
        _ isOrdinal: Bool
    ) -> String {
        if value < 20 {
            let word = (isOrdinal ? ordinals : few)[Int(value)]
            return (isContinued ? " and " : "") + word
        }
        if value < 100 {
            let words = (isContinued ? " and " : "") + decades[Int(value / 10) - 2]
            let rest = value.truncatingRemainder(dividingBy: 10)
            if rest > 0 { return words + "-" + text(of: rest, isContinued: false, isOrdinal) }
            return isOrdinal ? words.dropLast() + "ieth" : words
        }
        if value < 1_000 {
            let words = (isContinued ? ", " : "") + few[Int(value / 100)] + " Hundred"
            return end(words, value.truncatingRemainder(dividingBy: 100), isOrdinal)
        }
        let power = min((NumberText.shortestDigits(value).point - 1) / 3, magnitudes.count)
        let factor = [1e3, 1e6, 1e9, 1e12][power - 1]
        let count = (value / factor).rounded(.down)
        let words =
            (isContinued ? ", " : "") + text(of: count, isContinued: false, false) + " "
            + magnitudes[power - 1]
        return end(words, value - count * factor, isOrdinal)
    }

    private static func end(_ words: String, _ rest: Double, _ isOrdinal: Bool) -> String {
        rest > 0
            ? words + text(of: rest, isContinued: true, isOrdinal) : words + (isOrdinal ? "th" : "")
    }

    private static let values: [String: Double] = {
        var values: [String: Double] = ["hundred": 100, "hundredth": 100]
        for (index, word) in few.enumerated() { values[word.lowercased()] = Double(index) }
        for (index, word) in ordinals.enumerated() { values[word.lowercased()] = Double(index) }
        for (index, word) in decades.enumerated() {
            let lower = word.lowercased()
            values[lower] = Double(index + 2) * 10
            values[lower.dropLast() + "ieth"] = values[lower]
        }
        var power = 1e3
        for word in magnitudes {
            values[word.lowercased()] = power
            values[word.lowercased() + "th"] = power
            power *= 1e3
        }
        return values
    }()

    /// The number of some words; nil where one is no number.
    static func number(in text: String) -> Double? {
        var segments = [0.0]
        let words = text.lowercased().split { " ,-\t\n".contains($0) }.filter { $0 != "and" }
        for word in words {
            guard let value = values[String(word)], let last = segments.popLast() else {
                return nil
            }
            if value >= 100 {
                segments.append(last * value)
            } else if last >= 1_000 {
                segments += [last, value]
            } else {
                segments.append(last + value)
            }
        }
        return words.isEmpty ? nil : segments.reduce(0, +)
    }

    /// Whether a word may stand in a number.
    static func contains(_ word: String) -> Bool {
        word == "and" || values[word] != nil
    }
}

/// Roman numerals in lower case.
enum Roman {
    private static let numerals: [(value: Double, text: String)] = [
        (1_000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
        (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
    ]

    static func text(of value: Double) -> String {
        var rest = value
        var text = ""
        for numeral in numerals {
            let count = (rest / numeral.value).rounded(.down)
            text += String(repeating: numeral.text, count: Int(count))
            rest -= count * numeral.value
        }
        return text
    }

    static func number(in text: String) -> Double? {
        var value = 0.0
        var highest = 0.0
        for letter in text.lowercased().reversed() {
            guard let numeral = numerals.first(where: { $0.text == String(letter) }) else {
                return nil
            }
            if numeral.value < highest {
                value -= numeral.value
            } else {
                highest = numeral.value
                value += numeral.value
            }
        }
        return value
    }
}
