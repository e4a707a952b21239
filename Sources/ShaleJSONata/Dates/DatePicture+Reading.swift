internal import ShaleJSON

extension DatePicture {
    /// The moment that a text of this picture says, in milliseconds since 1970; nil where it says none.
    ///
    /// What stands before the first component that the text has is taken from now.
    func milliseconds(of text: String, now: Int) throws(JSONataError) -> Int? {
        var reader = DateReader(text)
        for part in parts {
            switch part {
            case .literal(let literal):
                guard reader.take(literal) else { return nil }
            case .marker(let marker):
                if marker.names != nil, !"MxFPCE".contains(marker.component) {
                    throw JSONataError("D3133", value: .string(String(marker.component)))
                }
                guard reader.read(marker) else { return nil }
            }
        }
        guard reader.isAtEnd else { return nil }
        return try DateAssembly(components: reader.components, now: now).milliseconds()
    }
}

/// Reads the components of a date from a text, in the order of a picture.
struct DateReader {
    private let text: [Unicode.Scalar]
    private var offset = 0
    /// What was read, by the letter of its component; zones in minutes.
    private(set) var components: [Character: Int] = [:]

    init(_ text: String) {
        self.text = Array(text.unicodeScalars)
    }

    var isAtEnd: Bool { offset == text.count }

    /// Takes a text that must stand here, in whatever case.
    mutating func take(_ literal: String) -> Bool {
        let wanted = Array(literal.unicodeScalars)
        let found = text[offset...].prefix(wanted.count)
        guard found.elementsEqual(wanted, by: { $0.folded == $1.folded }) else { return false }
        offset += wanted.count
        return true
    }

    private mutating func takeWhile(
        most: Int = .max,
        _ isWanted: (Unicode.Scalar) -> Bool
    ) -> String {
        let taken = text[offset...].prefix(most).prefix(while: isWanted)
        offset += taken.count
        return String(String.UnicodeScalarView(taken))
    }

    mutating func read(_ marker: DatePicture.Marker) -> Bool {
        if marker.component == "Z" || marker.component == "z" { return readZone(marker) }
        if marker.component == "P" {
            let half = takeWhile(most: 2) { $0.properties.isAlphabetic }.lowercased()
            guard half == "am" || half == "pm" else { return false }
            components["P"] = half == "pm" ? 1 : 0
            return true
        }
        if marker.component == "C" || marker.component == "E" {
            _ = takeWhile { $0.properties.isAlphabetic }
            return true
        }
        if marker.names != nil { return readName(marker) }
        guard let integer = marker.integer else { return false }
        let word = readNumber(integer, most: marker.readWidth ?? .max)
        if marker.component == "f" {
            guard let fraction = Double("0." + word) else { return false }
            components["f"] = Int(fraction * 1_000)
            return true
        }
        guard !word.isEmpty, let value = integer.number(in: word), value < 1e6 else { return false }
        components[marker.component] = Int(value)
        return true
    }

    /// The text of a number as its picture has it.
    private mutating func readNumber(_ integer: IntegerPicture, most: Int) -> String {
        switch integer.kind {
        case .letters: return takeWhile { $0.isASCII && $0.properties.isAlphabetic }
        case .roman: return takeWhile { "mdclxviMDCLXVI".unicodeScalars.contains($0) }
        case .words: return readWords()
        case .sequence: return ""
        case .decimal(let decimal):
            var number = takeWhile(most: most) { scalar in
                (scalar.value >= decimal.zero && scalar.value - decimal.zero < 10)
                    || decimal.separators.contains { $0.scalar == scalar }
            }
            if integer.isOrdinal { number += takeWhile(most: 2) { $0.properties.isAlphabetic } }
            return number
        }
    }

    /// As many words of numbers as stand here.
    private mutating func readWords() -> String {
        let start = offset
        var end = offset
        while true {
            let word = takeWhile { $0.properties.isAlphabetic }
            guard !word.isEmpty, NumberWords.contains(word.lowercased()) else { break }
            if word.lowercased() != "and" { end = offset }
            guard !takeWhile({ " ,-".unicodeScalars.contains($0) }).isEmpty else { break }
        }
        offset = end
        return String(String.UnicodeScalarView(text[start..<end]))
    }

    private mutating func readName(_ marker: DatePicture.Marker) -> Bool {
        let word = takeWhile { $0.isASCII && $0.properties.isAlphabetic }.lowercased()
        let names = marker.component == "F" ? DateNames.days : DateNames.months
        let found = names.firstIndex { name in
            name.lowercased() == word || name.prefix(marker.most ?? .max).lowercased() == word
        }
        guard let found else { return false }
        components[marker.component] = found + 1
        return true
    }

    private mutating func readZone(_ marker: DatePicture.Marker) -> Bool {
        if marker.component == "z" { guard take("GMT") else { return false } }
        if marker.usesZ, take("Z") {
            components["Z"] = 0
            return true
        }
        guard offset < text.count, text[offset] == "+" || text[offset] == "-" else { return false }
        let sign = text[offset] == "-" ? -1 : 1
        offset += 1
        let first = takeWhile(most: 4) { ("0"..."9").contains($0) }
        guard let number = Int(first) else { return false }
        var minutes = first.count > 2 ? number / 100 * 60 + number % 100 : number * 60
        if first.count <= 2, take(":") {
            guard let rest = Int(takeWhile(most: 2) { ("0"..."9").contains($0) }) else {
                return false
            }
            minutes += rest
        }
        components["Z"] = sign * minutes
        return true
    }
}

/// Makes a moment of the components that a text had.
struct DateAssembly {
    let components: [Character: Int]
    let now: Int

    func milliseconds() throws(JSONataError) -> Int? {
        var components = components
        let dates = Set(components.keys).intersection("YXMxWwdD")
        let times = Set(components.keys).intersection("PHhmsf")
        guard !dates.isEmpty || !times.isEmpty else { return nil }
        let countsDays = !dates.isEmpty && dates.isSubset(of: "Yd") && dates.contains("d")
        if !dates.isEmpty, !countsDays, !dates.isSubset(of: "YMD") { throw JSONataError("D3136") }
        let hasHalves = times.contains("h") || times.contains("P")
        let order = (countsDays ? "Yd" : "YMD") + (hasHalves ? "Phmsf" : "Hmsf")
        try fill(&components, order)
        var hour = components["H"] ?? 0
        if hasHalves {
            hour = (components["h"] ?? 0) % 12 + (components["P"] == 1 ? 12 : 0)
        }
        let year = components["Y"] ?? 0
        let month = countsDays ? 1 : components["M"] ?? 1
        let day = countsDays ? components["d"] ?? 1 : components["D"] ?? 1
        let minutes = hour * 60 + (components["m"] ?? 0) - (components["Z"] ?? 0)
        return CalendarDate.dayNumber(year: year, month: month, day: day)
            * CalendarDate.millisecondsPerDay + minutes * 60_000 + (components["s"] ?? 0) * 1_000
            + (components["f"] ?? 0)
    }

    /// Fills what is missing: from now before the first component, with the least value behind the last.
    private func fill(
        _ components: inout [Character: Int],
        _ order: String
    ) throws(JSONataError) {
        let today = CalendarDate(milliseconds: now)
        let current: [Character: Int] = [
            "Y": today.year, "M": today.month, "D": today.day, "d": today.dayOfYear,
            "H": today.hour, "h": today.hour, "P": today.hour / 12, "m": today.minute,
            "s": today.second, "f": today.millisecond,
        ]
        var hasStarted = false
        var hasEnded = false
        for component in order {
            if components[component] != nil {
                hasStarted = true
                if hasEnded { throw JSONataError("D3136") }
            } else if hasStarted {
                components[component] = "MDd".contains(component) ? 1 : 0
                hasEnded = true
            } else {
                components[component] = current[component]
            }
        }
    }
}
