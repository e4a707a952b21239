internal import OrderedCollections
internal import ShaleJSON

/// What templates, paths and expressions of one state are evaluated against.
struct Evaluation {
    /// What `$` names.
    var data: JSONValue
    /// `$states.input`: the state's input, whatever `data` is by now.
    var input: JSONValue
    /// `$states.result` and `$states.errorOutput`, where there are such.
    var result: JSONValue?
    var errorOutput: JSONValue?
    /// Variables, those of the innermost scope first.
    let variables: [JSONObject]
    let context: StateContext
    let random: RandomStream
    /// Milliseconds since 1970.
    let now: Int64

    func variable(_ name: String) -> JSONValue? {
        for scope in variables {
            if let value = scope[name] { return value }
        }
        return nil
    }

    /// What a path finds.
    func find(_ path: JSONPath) -> PathResult {
        switch path.root {
        case .data: path.find(in: data)
        case .context: path.find(in: context.value)
        case .variable(let name): variable(name).map(path.find) ?? .nothing
        }
    }

    /// What a path finds; a failure that names the field where it finds nothing.
    func value(of path: JSONPath, field: String) throws(StateFailure) -> JSONValue {
        guard let value = find(path).value else {
            let searched = path.root == .context ? context.value : data
            throw .pathNotFound(path.text, field: field, input: searched)
        }
        return value
    }
}

/// A stream of random bits that one 64-bit seed determines (SplitMix64).
final class RandomStream {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below 1.
    func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A random identifier in its usual form, of version 4.
    func uuid() -> String {
        let high = (next() & ~0xF000) | 0x4000
        let low = (next() & ~(0b11 << 62)) | (0b10 << 62)
        let digits = Self.hexadecimal(high) + Self.hexadecimal(low)
        var text = ""
        for (offset, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(offset) { text.append("-") }
            text.append(digit)
        }
        return text
    }

    /// 16 hexadecimal digits.
    static func hexadecimal(_ bits: UInt64) -> String {
        let digits = String(bits, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
