internal import OrderedCollections
internal import ShaleJSON

/// Functions that look for texts and regular expressions in a string.
extension Builtin {
    static let patterns: [Builtin] = [
        Builtin("match", "<s-f<s:o>n?:a<o>>", arity: 3, matches),
        Builtin("contains", "<s-(sf):b>", arity: 2) { evaluator, arguments throws(JSONataError) in
            guard let text = arguments.string(0) else { return .undefined }
            if let matcher = arguments.function(1) {
                return .bool(try evaluator.firstMatch(matcher, text, arguments) != nil)
            }
            guard let part = arguments.string(1) else { return .undefined }
            try evaluator.spend((text.utf8.count + part.utf8.count) / 64)
            return .bool(text.range(of: part) != nil)
        },
        Builtin("replace", "<s-(sf)(sf)n?:s>", arity: 4, replace),
        Builtin("split", "<s-(sf)n?:a<s>>", arity: 3, split),
    ]

    private static let matches: Body = { evaluator, arguments throws(JSONataError) in
        guard let text = arguments.string(0), let matcher = arguments.function(1) else {
            return .undefined
        }
        let limit = arguments.number(2) ?? .infinity
        guard limit >= 0 else {
            throw JSONataError("D3040", value: Value.json(of: limit), index: 3)
        }
        var results: [Value] = []
        guard limit > 0 else { return .array(ArrayValue([], .sequence)) }
        var match = try evaluator.firstMatch(matcher, text, arguments)
        while let found = match, Double(results.count) < limit {
            results.append(
                .object(
                    ObjectValue([
                        "match": .string(found.text),
                        "index": .number(Double(found.start)),
                        "groups": .array(ArrayValue(found.groups)),
                    ])
                )
            )
            try evaluator.charge(128)
            match = try evaluator.nextMatch(found, arguments)
        }
        return try evaluator.array(results, .sequence)
    }

    // MARK: Replacing

    private static let replace: Body = { evaluator, arguments throws(JSONataError) in
        guard let text = arguments.string(0) else { return .undefined }
        if arguments.string(1)?.isEmpty == true {
            throw JSONataError("D3010", value: .string(""), index: 2)
        }
        let limit = arguments.number(3) ?? .infinity
        guard limit >= 0 else {
            throw JSONataError("D3011", value: Value.json(of: limit), index: 4)
        }
        if let part = arguments.string(1) {
            return try replaced(text, part, limit, arguments, evaluator)
        }
        guard let matcher = arguments.function(1) else { return .string(text) }
        let scalars = Array(text.unicodeScalars)
        var result = ""
        var offset = 0
        var count = 0
        var match = limit > 0 ? try evaluator.firstMatch(matcher, text, arguments) : nil
        while let found = match, Double(count) < limit {
            guard found.start >= offset, found.start <= scalars.count else { break }
            result.unicodeScalars.append(contentsOf: scalars[offset..<found.start])
            let other = try replacement(for: found, arguments, evaluator)
            try evaluator.charge(other.utf8.count)
            result += other
            offset = min(found.start + found.text.unicodeScalars.count, scalars.count)
            count += 1
            match = try evaluator.nextMatch(found, arguments)
        }
        result.unicodeScalars.append(contentsOf: scalars[offset...])
        return try evaluator.string(result)
    }

    private static func replaced(
        _ text: String,
        _ part: String,
        _ limit: Double,
        _ arguments: Arguments,
        _ evaluator: Evaluator
    ) throws(JSONataError) -> Value {
        var result = ""
        var rest = text[...]
        var count = 0
        while Double(count) < limit, let range = rest.range(of: part) {
            try evaluator.spend()
            let match = Match(text: part, start: 0, end: 0, groups: [], next: nil)
            let other = try replacement(for: match, arguments, evaluator)
            try evaluator.charge(other.utf8.count)
            result += rest[..<range.lowerBound] + other
            rest = rest[range.upperBound...]
            count += 1
        }
        return try evaluator.string(result + rest)
    }

    private static func replacement(
        for match: Match,
        _ arguments: Arguments,
        _ evaluator: Evaluator
    ) throws(JSONataError) -> String {
        guard let function = arguments.function(2) else {
            let text = arguments.string(2) ?? ""
            // A replacement for a plain text is plain itself.
            guard arguments.string(1) == nil else { return text }
            return filled(Array(text.unicodeScalars), from: match)
        }
        let value = try evaluator.callBack(function, [match.value], arguments)
        guard case .string(let text) = value else {
            throw JSONataError("D3012", value: value.errorValue)
        }
        return text
    }

    /// A replacement with `$1` and the like filled in.
    private static func filled(_ template: [Unicode.Scalar], from match: Match) -> String {
        var result = String.UnicodeScalarView()
        var offset = 0
        while offset < template.count {
            let scalar = template[offset]
            offset += 1
            guard scalar == "$" else {
                result.append(scalar)
                continue
            }
            if offset < template.count, template[offset] == "$" || template[offset] == "0" {
                result += template[offset] == "$" ? "$".unicodeScalars : match.text.unicodeScalars
                offset += 1
                continue
            }
            guard let (group, length) = reference(template[offset...], match.groups.count) else {
                result.append("$")
                continue
            }
            offset += length
            if group >= 1, group <= match.groups.count,
                case .string(let text) = match.groups[group - 1]
            {
                result += text.unicodeScalars
            }
        }
        return String(result)
    }

    /// The number of a group behind a `$` and how many digits it has: as many as there could be groups.
    private static func reference(
        _ text: ArraySlice<Unicode.Scalar>,
        _ groupCount: Int
    ) -> (group: Int, length: Int)? {
        var length = String(max(groupCount, 1)).count
        let digits = text.prefix(length).prefix { ("0"..."9").contains($0) }
        length = digits.count
        guard length > 0 else { return nil }
        var number = digits.reduce(0) { $0 * 10 + Int($1.value - 48) }
        if length > 1, number > groupCount {
            number /= 10
            length -= 1
        }
        return (number, length)
    }

    // MARK: Splitting

    private static let split: Body = { evaluator, arguments throws(JSONataError) in
        guard let text = arguments.string(0) else { return .undefined }
        let limit = arguments.number(2) ?? .infinity
        guard limit >= 0 else {
            throw JSONataError("D3020", value: Value.json(of: limit), index: 3)
        }
        if let separator = arguments.string(1) {
            return try split(text, separator, limit.rounded(.towardZero), evaluator)
        }
        guard let matcher = arguments.function(1) else {
            return try evaluator.array([.string(text)])
        }
        let scalars = Array(text.unicodeScalars)
        var parts: [Value] = []
        var offset = 0
        var match = limit > 0 ? try evaluator.firstMatch(matcher, text, arguments) : nil
        while let found = match, Double(parts.count) < limit {
            guard found.start >= offset, found.start <= scalars.count else { break }
            let part = String(String.UnicodeScalarView(scalars[offset..<found.start]))
            parts.append(try evaluator.string(part))
            offset = min(max(found.end, found.start), scalars.count)
            match = try evaluator.nextMatch(found, arguments)
        }
        if Double(parts.count) < limit {
            parts.append(
                try evaluator.string(String(String.UnicodeScalarView(scalars[offset...])))
            )
        }
        return try evaluator.array(parts)
    }

    private static func split(
        _ text: String,
        _ separator: String,
        _ limit: Double,
        _ evaluator: Evaluator
    ) throws(JSONataError) -> Value {
        var parts: [Value] = []
        if separator.isEmpty {
            for scalar in text.unicodeScalars {
                guard Double(parts.count) < limit else { break }
                parts.append(.string(String(Character(scalar))))
            }
            return try evaluator.array(parts)
        }
        var rest = text[...]
        while Double(parts.count) < limit, let range = rest.range(of: separator) {
            try evaluator.spend()
            parts.append(try evaluator.string(String(rest[..<range.lowerBound])))
            rest = rest[range.upperBound...]
        }
        if Double(parts.count) < limit { parts.append(try evaluator.string(String(rest))) }
        return try evaluator.array(parts)
    }
}
