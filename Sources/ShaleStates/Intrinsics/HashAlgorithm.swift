/// The hashes that `States.Hash` and `$hash` know, over small texts.
///
/// Written out here because the language must not depend on more than its data; RFC 1321, FIPS 180-4.
enum HashAlgorithm: String, Sendable, CaseIterable {
    case md5 = "MD5"
    case sha1 = "SHA-1"
    case sha256 = "SHA-256"
    case sha384 = "SHA-384"
    case sha512 = "SHA-512"

    /// The digest in lower-case hexadecimal digits.
    func digest(_ bytes: [UInt8]) -> String {
        let digest =
            switch self {
            case .md5: MD5.digest(bytes)
            case .sha1: SHA1.digest(bytes)
            case .sha256: SHA256.digest(bytes)
            case .sha384: Array(SHA512.digest(bytes, from: SHA512.start384).prefix(48))
            case .sha512: SHA512.digest(bytes, from: SHA512.start512)
            }
        return digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    /// The message with its padding: a set bit, zeros, and the length in bits, to whole blocks.
    static func padded(_ bytes: [UInt8], block: Int, isBigEndian: Bool) -> [UInt8] {
        var message = bytes
        message.append(0x80)
        let lengthSize = block / 8
        while message.count % block != block - lengthSize { message.append(0) }
        message.append(contentsOf: repeatElement(0, count: lengthSize - 8))
        let length = UInt64(bytes.count) * 8
        let places = (0..<8).map { UInt8(truncatingIfNeeded: length >> UInt64(8 * $0)) }
        message.append(contentsOf: isBigEndian ? places.reversed() : places)
        return message
    }
}

extension FixedWidthInteger {
    fileprivate func rotatedLeft(_ count: Self) -> Self {
        self << count | self >> (Self(Self.bitWidth) - count)
    }

    fileprivate func rotatedRight(_ count: Self) -> Self {
        self >> count | self << (Self(Self.bitWidth) - count)
    }

    fileprivate var bigEndianBytes: [UInt8] {
        stride(from: Self.bitWidth - 8, through: 0, by: -8).map {
            UInt8(truncatingIfNeeded: self >> Self($0))
        }
    }
}

extension ArraySlice<UInt8> {
    fileprivate func bigEndian<Word: FixedWidthInteger>(as: Word.Type) -> Word {
        reduce(0) { $0 << 8 | Word($1) }
    }
}

private enum MD5 {
    static let shifts: [[UInt32]] = [
        [7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21],
    ]
    /// The integer part of 2³² |sin(i + 1)|.
    static let sines: [UInt32] = [
        0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a, 0xa830_4613,
        0xfd46_9501, 0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be, 0x6b90_1122, 0xfd98_7193,
        0xa679_438e, 0x49b4_0821, 0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d,
        0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8, 0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed,
        0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a, 0xfffa_3942, 0x8771_f681, 0x6d9d_6122,
        0xfde5_380c, 0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70, 0x289b_7ec6, 0xeaa1_27fa,
        0xd4ef_3085, 0x0488_1d05, 0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665, 0xf429_2244,
        0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d, 0x8584_5dd1,
        0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1, 0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb,
        0xeb86_d391,
    ]

    static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476]
        let message = HashAlgorithm.padded(bytes, block: 64, isBigEndian: false)
        for start in stride(from: 0, to: message.count, by: 64) {
            let words = (0..<16).map { index in
                message[(start + 4 * index)..<(start + 4 * index + 4)].reversed()[...]
                    .reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            }
            var (a, b, c, d) = (state[0], state[1], state[2], state[3])
            for round in 0..<64 {
                let (mix, word): (UInt32, Int) =
                    switch round / 16 {
                    case 0: (b & c | ~b & d, round)
                    case 1: (d & b | ~d & c, (5 * round + 1) % 16)
                    case 2: (b ^ c ^ d, (3 * round + 5) % 16)
                    default: (c ^ (b | ~d), 7 * round % 16)
                    }
                let sum = a &+ mix &+ sines[round] &+ words[word]
                (a, d, c) = (d, c, b)
                b = b &+ sum.rotatedLeft(shifts[round / 16][round % 4])
            }
            for (index, word) in [a, b, c, d].enumerated() { state[index] &+= word }
        }
        return state.flatMap { $0.bigEndianBytes.reversed() }
    }
}

private enum SHA1 {
    static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]
        let message = HashAlgorithm.padded(bytes, block: 64, isBigEndian: true)
        for start in stride(from: 0, to: message.count, by: 64) {
            var words = (0..<16).map { index in
                message[(start + 4 * index)..<(start + 4 * index + 4)].bigEndian(as: UInt32.self)
            }
            for index in 16..<80 {
                let mixed =
                    words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16]
                words.append(mixed.rotatedLeft(1))
            }
            var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
            for round in 0..<80 {
                let (mix, constant): (UInt32, UInt32) =
                    switch round / 20 {
                    case 0: (b & c | ~b & d, 0x5a82_7999)
                    case 1: (b ^ c ^ d, 0x6ed9_eba1)
                    case 2: (b & c | b & d | c & d, 0x8f1b_bcdc)
                    default: (b ^ c ^ d, 0xca62_c1d6)
                    }
                let sum = a.rotatedLeft(5) &+ mix &+ e &+ constant &+ words[round]
                (e, d, c, b, a) = (d, c, b.rotatedLeft(30), a, sum)
            }
            for (index, word) in [a, b, c, d, e].enumerated() { state[index] &+= word }
        }
        return state.flatMap(\.bigEndianBytes)
    }
}

/// The rounds that SHA-256 and SHA-512 share; they differ in the width of words, constants and rotations.
enum SHA2 {
    struct Rotations<Word: FixedWidthInteger & UnsignedInteger> {
        /// Two rotations and a shift each, for the schedule of words.
        let low: [Word]
        let high: [Word]
        /// Three rotations each, for the rounds.
        let first: [Word]
        let fifth: [Word]
    }

    static func digest<Word: FixedWidthInteger & UnsignedInteger>(
        _ bytes: [UInt8],
        from start: [Word],
        constants: [Word],
        _ rotations: Rotations<Word>
    ) -> [UInt8] {
        var state = start
        let size = Word.bitWidth / 8
        let block = 16 * size
        let message = HashAlgorithm.padded(bytes, block: block, isBigEndian: true)
        for start in stride(from: 0, to: message.count, by: block) {
            var words = (0..<16).map { index in
                message[(start + size * index)..<(start + size * index + size)].bigEndian(
                    as: Word.self
                )
            }
            for index in 16..<constants.count {
                let low = scheduled(words[index - 15], rotations.low)
                let high = scheduled(words[index - 2], rotations.high)
                words.append(words[index - 16] &+ low &+ words[index - 7] &+ high)
            }
            var v = state
            for round in constants.indices {
                let choice = v[4] & v[5] ^ ~v[4] & v[6]
                let majority = v[0] & v[1] ^ v[0] & v[2] ^ v[1] & v[2]
                let one = v[7] &+ mixed(v[4], rotations.fifth) &+ choice
                let sum = one &+ constants[round] &+ words[round]
                let two = mixed(v[0], rotations.first) &+ majority
                v = [sum &+ two, v[0], v[1], v[2], v[3] &+ sum, v[4], v[5], v[6]]
            }
            for index in state.indices { state[index] &+= v[index] }
        }
        return state.flatMap(\.bigEndianBytes)
    }

    private static func scheduled<Word: FixedWidthInteger>(_ word: Word, _ by: [Word]) -> Word {
        word.rotatedRight(by[0]) ^ word.rotatedRight(by[1]) ^ word >> by[2]
    }

    private static func mixed<Word: FixedWidthInteger>(_ word: Word, _ by: [Word]) -> Word {
        word.rotatedRight(by[0]) ^ word.rotatedRight(by[1]) ^ word.rotatedRight(by[2])
    }
}

private enum SHA256 {
    static func digest(_ bytes: [UInt8]) -> [UInt8] {
        SHA2.digest(
            bytes,
            from: SHA512.start512.map { UInt32($0 >> 32) },
            constants: SHA512.constants.prefix(64).map { UInt32($0 >> 32) },
            SHA2.Rotations(
                low: [7, 18, 3],
                high: [17, 19, 10],
                first: [2, 13, 22],
                fifth: [6, 11, 25]
            )
        )
    }
}
