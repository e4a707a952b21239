internal import ShaleJSON

/// A picture of a date and time: `[Y0001]-[M01]-[D01]`, as XPath has it.
struct DatePicture {
    var parts: [Part] = []

    enum Part {
        case literal(String)
        case marker(Marker)
    }

    /// What stands for one component.
    struct Marker {
        let component: Character
        var names: IntegerPicture.Case?
        var integer: IntegerPicture?
        /// `t` behind a zone: UTC is Z.
        var usesZ = false
        var least: Int?
        var most: Int?
        /// Of a year, how many of its last digits are written.
        var yearDigits: Int?
        /// How many digits are read where the next component follows at once.
        var readWidth: Int?
    }

    static let iso8601 = "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]"

    private static let defaults: [Character: String] = [
        "Y": "1", "M": "1", "D": "1", "d": "1", "F": "n", "W": "1", "w": "1", "X": "1", "x": "1",
        "H": "1", "h": "1", "P": "n", "m": "01", "s": "01", "f": "1", "Z": "01:01", "z": "01:01",
        "C": "n", "E": "n",
    ]

    init(_ picture: String) throws(JSONataError) {
        let scalars = Array(picture.unicodeScalars)
        var literal = String.UnicodeScalarView()
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            let isDouble = index + 1 < scalars.count && scalars[index + 1] == scalar
            if scalar == "[", !isDouble {
                if !literal.isEmpty { parts.append(.literal(String(literal))) }
                literal = String.UnicodeScalarView()
                guard let end = scalars[index...].firstIndex(of: "]") else {
                    throw JSONataError("D3135")
                }
                let text = scalars[(index + 1)..<end].filter {
                    !" \t\n\r".unicodeScalars.contains($0)
                }
                parts.append(.marker(try Self.marker(String(String.UnicodeScalarView(text)))))
                index = end + 1
                continue
            }
            literal.append(scalar)
            index += (scalar == "[" || scalar == "]") && isDouble ? 2 : 1
        }
        if !literal.isEmpty { parts.append(.literal(String(literal))) }
        measureReading()
    }

    private static func marker(_ text: String) throws(JSONataError) -> Marker {
        guard let component = text.first, let standard = defaults[component] else {
            throw JSONataError("D3132", value: .string(String(text.prefix(1))))
        }
        var marker = Marker(component: component)
        var presentation = String(text.dropFirst())
        if let comma = presentation.lastIndex(of: ",") {
            let width = presentation[presentation.index(after: comma)...]
            presentation = String(presentation[..<comma])
            let bounds = width.split(separator: "-", maxSplits: 1)
            marker.least = bounds.first.flatMap(Self.width)
            if bounds.count > 1 { marker.most = Self.width(bounds[1]) }
        }
        var isOrdinal = false
        if presentation.isEmpty {
            presentation = standard
        } else if presentation.count > 1, let last = presentation.last, "atco".contains(last) {
            presentation.removeLast()
            isOrdinal = last == "o"
            marker.usesZ = last == "t"
        }
        if presentation.hasPrefix("n") {
            marker.names = .lower
        } else if presentation.hasPrefix("N") {
            marker.names = presentation.dropFirst().hasPrefix("n") ? .title : .upper
        } else if component != "P", component != "C", component != "E" {
            marker.integer = try IntegerPicture(primary: presentation, isOrdinal: isOrdinal)
        }
        marker.widen()
        return marker
    }

    /// A bound of the width of a component; nil for any, and where it is none that can be kept.
    private static func width(_ text: Substring) -> Int? {
        guard let width = Int(text), (1...IntegerPicture.lengthLimit).contains(width) else {
            return nil
        }
        return width
    }

    /// A component of digits that another follows at once is read by its width.
    private mutating func measureReading() {
        for index in parts.indices.dropLast() {
            guard case .marker(var marker) = parts[index],
                case .marker(let next) = parts[index + 1],
                next.integer != nil, case .decimal(let decimal) = marker.integer?.kind
            else { continue }
            marker.readWidth = max(decimal.mandatory, marker.most ?? 0)
            parts[index] = .marker(marker)
        }
    }
}

extension DatePicture.Marker {
    /// Takes the widths into the picture of the number.
    fileprivate mutating func widen() {
        guard case .decimal(var decimal) = integer?.kind else { return }
        if let least { decimal.mandatory = max(decimal.mandatory, least) }
        if component == "Y" {
            if let most {
                decimal.mandatory = min(decimal.mandatory, most)
                yearDigits = most
            } else if decimal.mandatory + decimal.optional >= 2 {
                yearDigits = decimal.mandatory + decimal.optional
            }
        }
        integer?.kind = .decimal(decimal)
    }
}

/// The names of months and days.
enum DateNames {
    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
    static let days = [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    ]
}
