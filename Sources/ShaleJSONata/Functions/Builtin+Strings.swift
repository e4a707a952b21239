/// Functions of strings.
extension Builtin {
    static let strings: [Builtin] = [
        Builtin("string", "<x-b?:s>", arity: 1) { evaluator, arguments throws(JSONataError) in
            let isPretty = arguments.bool(1) ?? false
            guard let text = try evaluator.text(of: arguments[0], isPretty: isPretty) else {
                return .undefined
            }
            return try evaluator.string(text)
        },
        Builtin("substring", "<s-nn?:s>", arity: 3) { evaluator, arguments throws(JSONataError) in
            guard let text = arguments.string(0) else { return .undefined }
            try evaluator.spend(text.utf8.count / 64)
            let start = arguments.number(1) ?? 0
            return try evaluator.string(substring(text, from: start, length: arguments.number(2)))
        },
        Builtin("substringBefore", "<s-s:s>", arity: 2) {
            evaluator,
            arguments throws(JSONataError) in
            guard let text = arguments.string(0) else { return .undefined }
            try evaluator.spend(text.utf8.count / 64)
            guard let mark = arguments.string(1), let range = text.range(of: mark) else {
                return .string(text)
            }
            return try evaluator.string(String(text[..<range.lowerBound]))
        },
        Builtin("substringAfter", "<s-s:s>", arity: 2) {
            evaluator,
            arguments throws(JSONataError) in
            guard let text = arguments.string(0) else { return .undefined }
            try evaluator.spend(text.utf8.count / 64)
            guard let mark = arguments.string(1), let range = text.range(of: mark) else {
                return .string(text)
            }
            return try evaluator.string(String(text[range.upperBound...]))
        },
        Builtin("lowercase", "<s-:s>", arity: 1) { evaluator, arguments throws(JSONataError) in
            guard let text = arguments.string(0) else { return .undefined }
            return try evaluator.string(text.lowercased())
        },
        Builtin("uppercase", "<s-:s>", arity: 1) { evaluator, arguments throws(JSONataError) in
            guard let text = arguments.string(0) else { return .undefined }
            return try evaluator.string(text.uppercased())
        },
        Builtin("length", "<s-:n>", arity: 1) { evaluator, arguments throws(JSONataError) in
            guard let text = arguments.string(0) else { return .undefined }
            try evaluator.spend(text.utf8.count / 64)
            return .number(Double(text.unicodeScalars.count))
        },
        Builtin("trim", "<s-:s>", arity: 1) { evaluator, arguments throws(JSONataError) in
            guard let text = arguments.string(0) else { return .undefined }
            return try evaluator.string(trimmed(text))
        },
        Builtin("pad", "<s-ns?:s>", arity: 2) { evaluator, arguments throws(JSONataError) in
            guard let text = arguments.string(0) else { return .undefined }
            let width = arguments.number(1) ?? 0
            return try padded(text, width, with: arguments.string(2) ?? " ", evaluator)
        },
        Builtin("join", "<a<s>s?:s>", arity: 2) { evaluator, arguments throws(JSONataError) in
            guard let parts = arguments.array(0) else { return .undefined }
            let separator = arguments.string(1) ?? ""
            var text = ""
            for index in 0..<parts.count {
                if index > 0 { text += separator }
                if case .string(let part) = parts[index] { text += part }
                try evaluator.spend()
            }
            return try evaluator.string(text)
        },
    ]

    /// So many characters from a place on; a negative place counts from the end.
    private static func substring(_ text: String, from start: Double, length: Double?) -> String {
        let scalars = text.unicodeScalars
        let count = Double(scalars.count)
        var first = start < 0 ? count + start.rounded(.towardZero) : start
        first = min(max(first.rounded(.towardZero), 0), count)
        var last = count
        if let length {
            guard length > 0 else { return "" }
            last = min(max((first + length).rounded(.towardZero), first), count)
        }
        guard !first.isNaN, !last.isNaN else { return "" }
        return String(scalars.dropFirst(Int(first)).prefix(Int(last - first)))
    }

    /// Blanks at both ends taken away, and several between words made one space.
    private static func trimmed(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        var hasGap = false
        for scalar in text.unicodeScalars {
            switch scalar {
            case " ", "\t", "\n", "\r": hasGap = true
            default:
                if hasGap, !result.isEmpty { result.append(" ") }
                hasGap = false
                result.append(scalar)
            }
        }
        return String(result)
    }

    private static func padded(
        _ text: String,
        _ width: Double,
        with filler: String,
        _ evaluator: Evaluator
    ) throws(JSONataError) -> Value {
        let missing = width.magnitude.rounded(.towardZero) - Double(text.unicodeScalars.count)
        guard missing > 0 else { return .string(text) }
        guard missing < 1e9 else { throw JSONataError("U1002") }
        try evaluator.charge(Int(missing) * 4)
        let pattern = Array((filler.isEmpty ? " " : filler).unicodeScalars)
        var padding = String.UnicodeScalarView()
        for index in 0..<Int(missing) { padding.append(pattern[index % pattern.count]) }
        return .string(width < 0 ? String(padding) + text : text + String(padding))
    }
}

extension StringProtocol {
    /// Where a text stands in this one, compared character by character; an empty one at its beginning.
    ///
    /// Takes time that grows with the length of both (Knuth, Morris and Pratt).
    func range(of part: String) -> Range<String.Index>? {
        let wanted = Array(part.utf8)
        guard !wanted.isEmpty else { return startIndex..<startIndex }
        // How much of the beginning of the part ends at each of its places.
        var borders = [0]
        var border = 0
        for byte in wanted.dropFirst() {
            while border > 0, byte != wanted[border] { border = borders[border - 1] }
            if byte == wanted[border] { border += 1 }
            borders.append(border)
        }
        var matched = 0
        var index = utf8.startIndex
        while index < utf8.endIndex {
            let byte = utf8[index]
            utf8.formIndex(after: &index)
            while matched > 0, byte != wanted[matched] { matched = borders[matched - 1] }
            if byte == wanted[matched] { matched += 1 }
            if matched == wanted.count {
                return utf8.index(index, offsetBy: -wanted.count)..<index
            }
        }
        return nil
    }
}
