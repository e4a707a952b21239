internal import ShaleJSON

extension DatePicture {
    /// A moment as this picture has it, in a zone.
    ///
    /// The moment in milliseconds since 1970, in UTC; the offset in minutes that the zone is ahead of it.
    func text(of milliseconds: Int, offset: Int) throws(JSONataError) -> String {
        let date = CalendarDate(milliseconds: milliseconds + offset * 60_000)
        var text = ""
        for part in parts {
            switch part {
            case .literal(let literal): text += literal
            case .marker(let marker): text += try marker.text(of: date, offset: offset)
            }
        }
        return text
    }
}

extension DatePicture.Marker {
    fileprivate func text(of date: CalendarDate, offset: Int) throws(JSONataError) -> String {
        switch component {
        case "Y": return try text(number: shortened(date.year))
        case "X": return try text(number: shortened(date.thursday.year))
        case "M": return try text(number: date.month, name: DateNames.months[date.month - 1])
        case "x":
            let month = date.thursday.month
            return try text(number: month, name: DateNames.months[month - 1])
        case "D": return try text(number: date.day)
        case "d": return try text(number: date.dayOfYear)
        case "F": return try text(number: date.weekday, name: DateNames.days[date.weekday - 1])
        case "W": return try text(number: date.weekOfYear)
        case "w": return try text(number: date.weekOfMonth)
        case "H": return try text(number: date.hour)
        case "h": return try text(number: (date.hour + 11) % 12 + 1)
        case "P":
            let half = date.hour < 12 ? "am" : "pm"
            return names == .upper ? half.uppercased() : half
        case "m": return try text(number: date.minute)
        case "s": return try text(number: date.second)
        case "f": return try text(number: date.millisecond)
        case "Z", "z": return try zone(offset)
        default: return "ISO"
        }
    }

    private func shortened(_ year: Int) -> Int {
        guard let yearDigits, yearDigits < 10 else { return year }
        return year % (0..<yearDigits).reduce(1) { power, _ in power * 10 }
    }

    private func text(number: Int, name: String? = nil) throws(JSONataError) -> String {
        if let names {
            guard let name else { throw JSONataError("D3133", value: .string(String(component))) }
            let short = String(name.prefix(most ?? .max))
            switch names {
            case .lower: return short.lowercased()
            case .upper: return short.uppercased()
            case .title: return short
            }
        }
        return try integer?.text(of: Double(number)) ?? String(number)
    }

    private func zone(_ offset: Int) throws(JSONataError) -> String {
        if offset == 0, usesZ { return "Z" }
        let hours = Int(offset.magnitude) / 60
        let minutes = Int(offset.magnitude) % 60
        let sign = offset < 0 ? "-" : "+"
        let gmt = component == "z" ? "GMT" : ""
        guard let integer, case .decimal(let decimal) = integer.kind else {
            return gmt + sign + String(hours)
        }
        guard decimal.separators.isEmpty else {
            return try gmt + sign + integer.text(of: Double(hours * 100 + minutes))
        }
        switch decimal.mandatory {
        case ...2:
            let text = try integer.text(of: Double(hours))
            let two = minutes < 10 ? "0\(minutes)" : String(minutes)
            return gmt + sign + (minutes == 0 ? text : text + ":" + two)
        case 3, 4: return try gmt + sign + integer.text(of: Double(hours * 100 + minutes))
        default: throw JSONataError("D3134", value: .string(String(decimal.mandatory)))
        }
    }
}
