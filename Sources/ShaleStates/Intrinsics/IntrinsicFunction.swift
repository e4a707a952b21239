internal import OrderedCollections
internal import ShaleJSON

/// The functions of the language.
///
/// The rules are those of the service, which differ here and there from its documents: numbers with a fraction
/// are cut off, not rounded, but for `MathAdd`; an index behind the end of an array gives null; what is no
/// Base64 is skipped.
enum IntrinsicFunction: String, Sendable, CaseIterable {
    case format = "States.Format"
    case stringToJSON = "States.StringToJson"
    case jsonToString = "States.JsonToString"
    case array = "States.Array"
    case arrayPartition = "States.ArrayPartition"
    case arrayContains = "States.ArrayContains"
    case arrayRange = "States.ArrayRange"
    case arrayGetItem = "States.ArrayGetItem"
    case arrayLength = "States.ArrayLength"
    case arrayUnique = "States.ArrayUnique"
    case base64Encode = "States.Base64Encode"
    case base64Decode = "States.Base64Decode"
    case hash = "States.Hash"
    case jsonMerge = "States.JsonMerge"
    case mathRandom = "States.MathRandom"
    case mathAdd = "States.MathAdd"
    case stringSplit = "States.StringSplit"
    case uuid = "States.UUID"

    /// How many characters a text may have that is hashed, encoded or decoded.
    static let textLimit = 10_000
    /// How many elements a range may have.
    static let rangeLimit = 1_000

    /// How many arguments it takes.
    var argumentCounts: ClosedRange<Int> {
        switch self {
        case .format: 1...Int.max
        case .array: 0...Int.max
        case .uuid: 0...0
        case .stringToJSON, .jsonToString, .arrayLength, .arrayUnique: 1...1
        case .base64Encode, .base64Decode: 1...1
        case .arrayPartition, .arrayContains, .arrayGetItem, .hash, .mathAdd, .stringSplit: 2...2
        case .mathRandom: 2...3
        case .arrayRange, .jsonMerge: 3...3
        }
    }

    /// The result, or nil where the arguments do not do.
    func result(_ arguments: [JSONValue], random: RandomStream) -> JSONValue? {
        switch self {
        case .format: Self.format(arguments)
        case .stringToJSON: Self.parse(arguments[0])
        case .jsonToString: .string(arguments[0].json)
        case .array: .array(arguments)
        case .arrayPartition: Self.partition(arguments[0], arguments[1])
        case .arrayContains: Self.contains(arguments[0], arguments[1])
        case .arrayRange: Self.range(arguments)
        case .arrayGetItem: Self.item(arguments[0], arguments[1])
        case .arrayLength: arguments[0].elements.map { .integer(Int64($0.count)) }
        case .arrayUnique: arguments[0].elements.map { .array(Self.unique($0)) }
        case .base64Encode: Self.encode(arguments[0])
        case .base64Decode: Self.decode(arguments[0])
        case .hash: Self.hash(arguments[0], arguments[1])
        case .jsonMerge: Self.merge(arguments)
        case .mathRandom: Self.random(arguments, random)
        case .mathAdd: Self.add(arguments[0], arguments[1])
        case .stringSplit: Self.split(arguments[0], arguments[1])
        case .uuid: .string(random.uuid())
        }
    }
}

// MARK: Texts

extension IntrinsicFunction {
    /// Puts arguments into the places that `{}` marks; `\{`, `\}` and `\'` mean the characters.
    private static func format(_ arguments: [JSONValue]) -> JSONValue? {
        guard let template = arguments[0].text else { return nil }
        var rest = arguments.dropFirst()
        var bytes: [UInt8] = []
        let source = Array(template.utf8)
        var offset = 0
        while offset < source.count {
            switch source[offset] {
            case UInt8(ascii: "\\") where offset + 1 < source.count:
                bytes.append(source[offset + 1])
                offset += 2
            case UInt8(ascii: "{"):
                guard offset + 1 < source.count, source[offset + 1] == UInt8(ascii: "}"),
                    let argument = rest.popFirst()
                else { return nil }
                bytes.append(contentsOf: argument.javaText.utf8)
                offset += 2
            case UInt8(ascii: "}"): return nil
            default:
                bytes.append(source[offset])
                offset += 1
            }
        }
        return rest.isEmpty ? .string(String(decoding: bytes, as: UTF8.self)) : nil
    }

    private static func parse(_ value: JSONValue) -> JSONValue? {
        guard let text = value.text else { return nil }
        guard text.utf8.contains(where: { $0 > 0x20 }) else { return .null }
        do throws(JSONError) {
            return try JSONParser.value(of: text)
        } catch {
            // The call fails, and its text is the service's, which names the call and not the fault.
            return nil
        }
    }

    /// Cuts at every character of the second text; what is empty is left out.
    private static func split(_ value: JSONValue, _ separators: JSONValue) -> JSONValue? {
        guard let text = value.text, let separators = separators.text, !separators.isEmpty else {
            return nil
        }
        let marks = Set(separators.unicodeScalars)
        let parts = text.unicodeScalars.split { marks.contains($0) }
        return .array(parts.map { .string(String(String.UnicodeScalarView($0))) })
    }

    private static func limited(_ value: JSONValue) -> String? {
        guard let text = value.text, text.unicodeScalars.count <= textLimit else { return nil }
        return text
    }

    private static func encode(_ value: JSONValue) -> JSONValue? {
        limited(value).map { .string(Base64.encode(Array($0.utf8))) }
    }

    private static func decode(_ value: JSONValue) -> JSONValue? {
        limited(value).map { .string(String(decoding: Base64.decode($0), as: UTF8.self)) }
    }

    private static func hash(_ value: JSONValue, _ algorithm: JSONValue) -> JSONValue? {
        let text = value.text ?? value.javaText
        guard text.unicodeScalars.count <= textLimit,
            let algorithm = algorithm.text.flatMap(HashAlgorithm.init(rawValue:))
        else { return nil }
        return .string(algorithm.digest(Array(text.utf8)))
    }

    private static func merge(_ arguments: [JSONValue]) -> JSONValue? {
        guard case .object(let first) = arguments[0], case .object(let second) = arguments[1],
            arguments[2] == .bool(false)
        else { return nil }
        let merged = first.merging(second) { $1 }
        let names = Array(merged.keys)
        var ordered = JSONObject(minimumCapacity: merged.count)
        for index in JavaHash.order(of: names) { ordered[names[index]] = merged[names[index]] }
        return .object(ordered)
    }
}

// MARK: Arrays

extension IntrinsicFunction {
    private static func partition(_ value: JSONValue, _ size: JSONValue) -> JSONValue? {
        guard let elements = value.elements, let size = size.truncated, size > 0 else { return nil }
        let starts = stride(from: 0, to: elements.count, by: size)
        return .array(starts.map { .array(Array(elements[$0..<min($0 + size, elements.count)])) })
    }

    /// Whether an element is written as the value is.
    private static func contains(_ value: JSONValue, _ wanted: JSONValue) -> JSONValue? {
        let text = wanted.json
        return value.elements.map { .bool($0.contains { $0.json == text }) }
    }

    private static func range(_ arguments: [JSONValue]) -> JSONValue? {
        guard let first = arguments[0].truncated, let last = arguments[1].truncated,
            let step = arguments[2].truncated, step != 0
        else { return nil }
        guard (last - first) / step < rangeLimit else { return nil }
        let values = stride(from: first, through: last, by: step)
        return .array(values.map { .integer(Int64($0)) })
    }

    private static func item(_ value: JSONValue, _ index: JSONValue) -> JSONValue? {
        guard let elements = value.elements, let index = index.whole, index >= 0 else { return nil }
        return index < elements.count ? elements[index] : .null
    }

    /// Each value once, in the order of a hash table.
    private static func unique(_ elements: [JSONValue]) -> [JSONValue] {
        var seen: [Int32: [JSONValue]] = [:]
        let distinct = elements.filter { element in
            let hash = JavaHash.hash(element)
            guard !(seen[hash]?.contains(element) ?? false) else { return false }
            seen[hash, default: []].append(element)
            return true
        }
        return JavaHash.order(distinct.map(JavaHash.hash)).map { distinct[$0] }
    }
}

// MARK: Numbers

extension IntrinsicFunction {
    private static func add(_ left: JSONValue, _ right: JSONValue) -> JSONValue? {
        guard let left = left.rounded, let right = right.rounded else { return nil }
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? nil : .integer(Int64(sum))
    }

    /// A number from the first to below the second; the same ones for the same third.
    private static func random(_ arguments: [JSONValue], _ random: RandomStream) -> JSONValue? {
        guard let low = arguments[0].truncated, let high = arguments[1].truncated, low < high else {
            return nil
        }
        var bits = random.next()
        if arguments.count > 2 {
            guard let seed = arguments[2].truncated else { return nil }
            bits = RandomStream(seed: UInt64(bitPattern: Int64(seed))).next()
        }
        return .integer(Int64(low) + Int64(bits % UInt64(high - low)))
    }
}

extension JSONValue {
    /// A number without its fraction; nil where this is none that a 32-bit integer holds.
    fileprivate var truncated: Int? {
        number.flatMap { Int32(exactly: $0.rounded(.towardZero)) }.map(Int.init)
    }

    /// A number without a fraction.
    fileprivate var whole: Int? {
        number.flatMap { Int32(exactly: $0) }.map(Int.init)
    }

    /// The nearest integer, the upper one of two.
    fileprivate var rounded: Int? {
        if case .integer(let value) = self { return Int(exactly: value) }
        return number.flatMap { Int(exactly: ($0 + 0.5).rounded(.down)) }
    }
}
