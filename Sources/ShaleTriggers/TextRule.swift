internal import ShaleItems

extension EventPattern {
    /// A rule about a text: how it begins or ends, whatever the case, or with gaps.
    enum TextRule: Sendable {
        case prefix(String, ignoresCase: Bool)
        case suffix(String, ignoresCase: Bool)
        case sameIgnoringCase(String)
        /// What stands between the gaps, in order.
        case wildcard([String])

        /// The most gaps of one pattern.
        private static let gaps = 30

        init(_ name: String, _ argument: AttributeValue, at path: String) throws(PatternError) {
            let ignoring = argument.mapValue?["equals-ignore-case"]?.stringValue
            switch (name, argument.stringValue, ignoring) {
            case ("prefix", let text?, _): self = .prefix(text, ignoresCase: false)
            case ("prefix", _, let text?): self = .prefix(text.lowercased(), ignoresCase: true)
            case ("suffix", let text?, _): self = .suffix(text, ignoresCase: false)
            case ("suffix", _, let text?): self = .suffix(text.lowercased(), ignoresCase: true)
            case ("equals-ignore-case", let text?, _): self = .sameIgnoringCase(text.lowercased())
            case ("wildcard", let text?, _): self = .wildcard(try Self.pieces(text, at: path))
            default:
                throw PatternError("'\(path)' is no rule that is known, or has no such argument")
            }
        }

        /// The pieces between stars; a backslash makes a star or a backslash stand for itself.
        private static func pieces(_ text: String, at path: String) throws(PatternError) -> [String]
        {
            var pieces = [""]
            var isEscaped = false
            for character in text {
                if isEscaped {
                    guard character == "*" || character == "\\" else {
                        throw PatternError("'\(path)': a backslash stands before * or \\ only")
                    }
                    pieces[pieces.count - 1].append(character)
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == "*" {
                    guard pieces.count == 1 || !(pieces.last ?? "").isEmpty else {
                        throw PatternError("'\(path)': two stars follow one another")
                    }
                    pieces.append("")
                } else {
                    pieces[pieces.count - 1].append(character)
                }
            }
            guard !isEscaped else { throw PatternError("'\(path)' ends in a backslash") }
            guard pieces.count - 1 <= gaps else {
                throw PatternError("'\(path)' has more than \(gaps) stars")
            }
            return pieces
        }

        /// Whether a text is meant.
        func matches(_ text: String) -> Bool {
            switch self {
            case .prefix(let start, let ignoresCase):
                (ignoresCase ? text.lowercased() : text).utf8.starts(with: start.utf8)
            case .suffix(let end, let ignoresCase):
                (ignoresCase ? text.lowercased() : text).utf8.reversed()
                    .starts(with: end.utf8.reversed())
            case .sameIgnoringCase(let wanted): text.lowercased() == wanted
            case .wildcard(let pieces):
                Self.matches(Array(text.utf8), pieces.map { Array($0.utf8) })
            }
        }

        /// The first piece at the start, the last at the end, the others each as early as it goes between them.
        private static func matches(_ text: [UInt8], _ pieces: [[UInt8]]) -> Bool {
            guard let first = pieces.first, let last = pieces.last, pieces.count > 1 else {
                return text == pieces.first ?? []
            }
            guard text.count >= first.count + last.count, text.starts(with: first),
                text.suffix(last.count).elementsEqual(last)
            else { return false }
            var start = first.count
            let end = text.count - last.count
            for piece in pieces.dropFirst().dropLast() {
                guard let found = place(of: piece, in: text, start..<end) else { return false }
                start = found + piece.count
            }
            return true
        }

        private static func place(
            of piece: [UInt8],
            in text: [UInt8],
            _ range: Range<Int>
        ) -> Int? {
            guard range.count >= piece.count else { return nil }
            return (range.lowerBound...(range.upperBound - piece.count)).first { start in
                text[start..<(start + piece.count)].elementsEqual(piece)
            }
        }
    }

    /// A range of addresses of the Internet Protocol, version 4, as `10.0.0.0/24`.
    struct AddressRange: Sendable {
        private let bits: UInt32
        private let mask: UInt32

        init?(_ text: String) {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, let address = Self.address(String(parts[0])),
                let length = UInt32(parts[1]), length <= 32
            else { return nil }
            mask = length == 0 ? 0 : ~UInt32(0) << (32 - length)
            bits = address & mask
        }

        private static func address(_ text: String) -> UInt32? {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 4 else { return nil }
            var address: UInt32 = 0
            for part in parts {
                guard let byte = UInt8(part) else { return nil }
                address = address << 8 | UInt32(byte)
            }
            return address
        }

        func contains(_ text: String) -> Bool {
            Self.address(text).map { $0 & mask == bits } ?? false
        }
    }
}
