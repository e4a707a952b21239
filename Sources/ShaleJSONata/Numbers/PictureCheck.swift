/// The rules that a half of a number's picture keeps.
struct PictureCheck {
    let picture: String
    let active: [Unicode.Scalar]
    let mantissa: [Unicode.Scalar]
    let whole: [Unicode.Scalar]
    let fraction: [Unicode.Scalar]
    let exponent: [Unicode.Scalar]?
    let characters: DecimalCharacters

    /// The code of the last rule that is broken; nil where all are kept.
    var fault: String? {
        [mixedFault, groupingFault, digitFault, exponentFault].compactMap(\.self).last
    }

    private func count(_ mark: String) -> Int {
        var count = 0
        var rest = picture[...]
        while let range = rest.range(of: mark), range.upperBound > range.lowerBound {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }

    private func scalar(_ mark: String) -> Unicode.Scalar? { mark.unicodeScalars.first }

    private var mixedFault: String? {
        var fault: String?
        let digit = scalar(characters.digit)
        if count(characters.point) > 1 { fault = "D3081" }
        if count(characters.percent) > 1 { fault = "D3082" }
        if count(characters.perMille) > 1 { fault = "D3083" }
        if count(characters.percent) > 0, count(characters.perMille) > 0 { fault = "D3084" }
        if !mantissa.contains(where: { characters.isDigit($0) || $0 == digit }) { fault = "D3085" }
        if !active.allSatisfy(characters.isActive) { fault = "D3086" }
        return fault
    }

    private var groupingFault: String? {
        let grouping = scalar(characters.grouping)
        var fault: String?
        if whole.count < mantissa.count {
            if whole.last == grouping, !whole.isEmpty { fault = "D3087" }
            if fraction.first == grouping, !fraction.isEmpty { fault = "D3087" }
        } else if whole.last == grouping, !whole.isEmpty {
            fault = "D3088"
        }
        if picture.range(of: characters.grouping + characters.grouping) != nil { fault = "D3089" }
        return fault
    }

    private var digitFault: String? {
        let digit = scalar(characters.digit)
        var fault: String?
        if let optional = whole.firstIndex(where: { $0 == digit }),
            whole[..<optional].contains(where: characters.isDigit)
        {
            fault = "D3090"
        }
        if let optional = fraction.lastIndex(where: { $0 == digit }),
            fraction[optional...].contains(where: characters.isDigit)
        {
            fault = "D3091"
        }
        return fault
    }

    private var exponentFault: String? {
        guard let exponent else { return nil }
        if exponent.isEmpty || !exponent.allSatisfy(characters.isDigit) { return "D3093" }
        let hasFactor = count(characters.percent) + count(characters.perMille) > 0
        return hasFactor ? "D3092" : nil
    }
}
