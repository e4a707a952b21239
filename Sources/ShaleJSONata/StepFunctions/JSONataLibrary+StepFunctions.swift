internal import ShaleJSON

/// The functions that AWS Step Functions adds to JSONata; it has no `$eval`, and `$parse` in its place.
///
/// What they do with odd arguments is what the service was seen to do: numbers are cut off, not rounded; a step or
/// a size of zero and a range that is empty give nothing; a range of one number is that number.
extension JSONataLibrary {
    /// The hexadecimal digest of some bytes; nil where there is no algorithm of the name (MD5, SHA-1, SHA-256,
    /// SHA-384 and SHA-512 are wanted).
    package typealias Digest = @Sendable (_ algorithm: String, _ bytes: [UInt8]) -> String?

    /// How many numbers `$range` makes at most, before it runs into the service's limit of memory.
    private static let rangeLimit = 360_145

    /// The library of Step Functions, with hashes that the caller computes.
    package static func stepFunctions(digest: @escaping Digest) -> JSONataLibrary {
        JSONataLibrary.standard.removing(["eval"]).adding([
            JSONataFunction(own: "partition", "<an?:x>", arity: 2, partition),
            JSONataFunction(own: "range", "<nnn?:x>", arity: 3, range),
            JSONataFunction(own: "random", "<n?:n>", arity: 0, random),
            JSONataFunction(own: "uuid", "<:s>", arity: 0, uuid),
            JSONataFunction(own: "parse", "<s-:x>", arity: 1, parse),
            JSONataFunction(own: "hash", "<s-s?:s>", arity: 2) {
                arguments,
                _ throws(JSONataError) in
                guard let text = arguments[0]?.text, arguments.count > 1,
                    let algorithm = arguments[1]?.text
                else { return nil }
                guard let hash = digest(algorithm, Array(text.utf8)) else {
                    throw refused("Unsupported hash algorithm: \(algorithm)")
                }
                return .string(hash)
            },
        ])
    }

    /// An argument of the right type whose value the function cannot take.
    private static func unfit(_ arguments: [JSONValue?], _ index: Int) -> JSONataError {
        let value = index < arguments.count ? arguments[index] : nil
        return JSONataError("T0410", value: value, index: index + 1)
    }

    /// What the service says in words of its own, with the code of `$error`.
    private static func refused(_ message: String) -> JSONataError {
        JSONataError("D3137", message: message)
    }

    /// A number without its fraction; nil where it is missing.
    private static func whole(_ arguments: [JSONValue?], _ index: Int) -> Int128? {
        guard index < arguments.count, let argument = arguments[index] else { return nil }
        if case .integer(let number) = argument { return Int128(number) }
        return argument.number.map { Int128(min(max($0, -0x1p62), 0x1p62)) }
    }

    private static let partition: JSONataFunction.Body = { arguments, tools throws(JSONataError) in
        guard let elements = arguments[0]?.elements else { return nil }
        let wanted = whole(arguments, 1) ?? Int128(elements.count)
        guard wanted >= 0 else { throw refused("Second argument must be zero or greater") }
        guard wanted > 0, !elements.isEmpty else { return nil }
        let size = Int(min(wanted, Int128(elements.count)))
        try tools.charge(elements.count * 32)
        var parts: [JSONValue] = []
        var start = 0
        while start < elements.count {
            let end = min(elements.count - start, size) + start
            parts.append(.array(Array(elements[start..<end])))
            start = end
        }
        return .array(parts)
    }

    private static let range: JSONataFunction.Body = { arguments, tools throws(JSONataError) in
        guard let first = whole(arguments, 0), let last = whole(arguments, 1),
            let step = whole(arguments, 2), step != 0, step > 0 ? first <= last : first >= last
        else { return nil }
        let count = (last - first) / step + 1
        guard count <= rangeLimit else { throw JSONataError("U1002") }
        try tools.charge(Int(count) * 32)
        let numbers = (0..<Int(count)).map { JSONValue.integer(Int64(first + Int128($0) * step)) }
        return numbers.count == 1 ? numbers[0] : .array(numbers)
    }

    /// A number from 0 to below 1; with a seed that of Java's generator, as the service's.
    private static let random: JSONataFunction.Body = { arguments, tools throws(JSONataError) in
        guard let seed = arguments.first.flatMap(\.self) else {
            return .double(Double(tools.random() >> 11) * 0x1p-53)
        }
        guard let number = seed.number, number.isFinite else { throw unfit(arguments, 0) }
        var generator = JavaRandom(seed: Int64(min(max(number, -9.2e18), 9.2e18)))
        return .double(generator.nextDouble())
    }

    /// A UUID of version 4, from the generator of the evaluation.
    private static let uuid: JSONataFunction.Body = { _, tools throws(JSONataError) in
        let high = tools.random() & ~0xF000 | 0x4000
        let low = tools.random() & ~(0b11 << 62) | 0b10 << 62
        let digits = [high, low].flatMap { number in
            stride(from: 60, through: 0, by: -4).map { shift in
                Character(String(number >> UInt64(shift) & 15, radix: 16))
            }
        }
        var text = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text += "-" }
            text.append(digit)
        }
        return .string(text)
    }

    private static let parse: JSONataFunction.Body = { arguments, tools throws(JSONataError) in
        guard let text = arguments[0]?.text else { return nil }
        try tools.charge(text.utf8.count)
        do throws(JSONError) {
            return try JSONParser.value(of: text)
        } catch {
            throw refused("Invalid JSON")
        }
    }
}

/// The generator of Java's `java.util.Random`: one seed gives one sequence everywhere.
struct JavaRandom {
    private var state: UInt64

    init(seed: Int64) {
        state = (UInt64(bitPattern: seed) ^ 0x5_DEEC_E66D) & 0xFFFF_FFFF_FFFF
    }

    private mutating func next(_ bits: UInt64) -> UInt64 {
        state = (state &* 0x5_DEEC_E66D &+ 0xB) & 0xFFFF_FFFF_FFFF
        return state >> (48 - bits)
    }

    /// A number from 0 to below 1.
    mutating func nextDouble() -> Double {
        Double(next(26) << 27 + next(27)) * 0x1p-53
    }
}
