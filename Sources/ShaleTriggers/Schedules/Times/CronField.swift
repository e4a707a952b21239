/// One field of a cron expression: the numbers that it means.
struct CronField: Sendable, Equatable {
    /// What a field may say.
    struct Rules {
        var range: ClosedRange<Int>
        /// Words for the first numbers of the range, as JAN.
        var names: [String] = []
        /// The largest number behind a slash.
        var largestStep: Int

        static let minutes = Rules(range: 0...59, largestStep: 59)
        static let hours = Rules(range: 0...23, largestStep: 23)
        static let days = Rules(range: 1...31, largestStep: 31)
        static let months = Rules(
            range: 1...12,
            names: [
                "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
            ],
            largestStep: 12
        )
        /// 1 is Sunday.
        static let weekdays = Rules(
            range: 1...7,
            names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
            largestStep: 7
        )
        static let years = Rules(range: 1970...2199, largestStep: 229)

        /// The number of a text, which may be a word.
        func number(_ text: Substring) -> Int? {
            if let place = names.firstIndex(of: text.uppercased()) {
                return range.lowerBound + place
            }
            guard let number = CronField.digits(text), range.contains(number) else { return nil }
            return number
        }
    }

    /// By the number less the range's first.
    private let isMeant: [Bool]
    private let first: Int

    /// Whether it means a number.
    func contains(_ number: Int) -> Bool {
        let place = number - first
        return isMeant.indices.contains(place) && isMeant[place]
    }

    /// Reads a field of elements with commas between; nil where it is none.
    ///
    ///     *   7   7-9   22-2   */5   7/5   7-9/2
    ///
    /// A range that ends before it begins goes on over the end, as Quartz has it, from whose expressions these are taken.
    init?(_ text: some StringProtocol, _ rules: Rules) {
        var isMeant = [Bool](repeating: false, count: rules.range.count)
        for element in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let numbers = Self.numbers(Substring(element), rules) else { return nil }
            for number in numbers { isMeant[number - rules.range.lowerBound] = true }
        }
        self.isMeant = isMeant
        first = rules.range.lowerBound
    }

    private static func numbers(_ element: Substring, _ rules: Rules) -> [Int]? {
        let parts = element.split(separator: "/", omittingEmptySubsequences: false)
        guard let base = parts.first, parts.count <= 2 else { return nil }
        var step = 1
        if parts.count == 2 {
            guard let given = digits(parts[1]), 1...rules.largestStep ~= given else { return nil }
            step = given
        }
        let (first, last) = (rules.range.lowerBound, rules.range.upperBound)
        if base == "*" { return Array(stride(from: first, through: last, by: step)) }
        let ends = base.split(separator: "-", omittingEmptySubsequences: false)
        guard let from = ends.first.flatMap({ rules.number($0) }), ends.count <= 2 else {
            return nil
        }
        if ends.count == 1 {
            return parts.count == 1 ? [from] : Array(stride(from: from, through: last, by: step))
        }
        guard let to = rules.number(ends[1]) else { return nil }
        let end = to < from ? to + rules.range.count : to
        return stride(from: from, through: end, by: step).map { number in
            number > last ? number - rules.range.count : number
        }
    }

    /// A number of digits alone.
    static func digits(_ text: some StringProtocol) -> Int? {
        guard 1...4 ~= text.utf8.count, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else {
            return nil
        }
        return Int(text)
    }
}
