internal import CPeers

// What every engine is given: the same keys, the same values, in the same order from one seed.

/// A small, fast generator (SplitMix64).
struct Random {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

    @inline(__always)
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Random.mix(state)
    }

    /// Less than `bound`, uniformly.
    @inline(__always)
    mutating func next(below bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// From 0 on, less than 1.
    @inline(__always)
    mutating func nextFraction() -> Double { Double(next() >> 11) * 0x1p-53 }

    @inline(__always)
    static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z &>> 31)
    }
}

/// Every number below `count` once, in an order that looks random.
struct Permutation {
    private let count: UInt64
    private let half: UInt64
    private let mask: UInt64

    init(_ count: Int) {
        self.count = UInt64(count)
        var bits: UInt64 = 2
        while (1 << bits) < self.count { bits += 2 }
        half = bits / 2
        mask = (1 << half) - 1
    }

    /// Four rounds of a Feistel network, again until the result is below `count`.
    @inline(__always)
    func callAsFunction(_ index: Int) -> Int {
        var value = UInt64(index)
        repeat {
            var left = value &>> half
            var right = value & mask
            for round: UInt64 in 1...4 {
                let mixed = ((right &+ round) &* 0x9E37_79B9_7F4A_7C15) &>> 32
                (left, right) = (right, left ^ (mixed & mask))
            }
            value = left &<< half | right
        } while value >= count
        return Int(value)
    }
}

/// The keys: 1,024 sort keys to a partition key, 16 to 24 bytes together.
///
///     offset  size  field
///          0     8  number of the partition key, hexadecimal
///          8  0..8  letters, how many depends on that number
///          8+    8  sort key, hexadecimal: even; the odd ones between are the missing keys
///
/// Index order is byte order, so that a sequential fill is one for the peers; ours goes by the hash of the
/// partition key.
struct KeyBuffer: ~Copyable {
    static let sortKeysPerPartitionKey = 1024
    static let sortSize = 8
    let bytes: UnsafeMutablePointer<UInt8>
    private(set) var size = 0

    var partitionSize: Int { size - Self.sortSize }

    init() { bytes = .allocate(capacity: 32) }

    deinit { bytes.deallocate() }

    /// The key of `index`; `offset` 1 makes it one that no load has written.
    @inline(__always)
    mutating func set(_ index: Int, offset: Int = 0) {
        let partition = UInt64(index / Self.sortKeysPerPartitionKey)
        let sort = UInt64(index % Self.sortKeysPerPartitionKey * 2 + offset)
        let letters = Int(Random.mix(partition) % 9)
        let raw = UnsafeMutableRawPointer(bytes)
        raw.storeBytes(of: Self.hexadecimal(partition), as: UInt64.self)
        raw.storeBytes(of: 0x6867_6665_6463_6261, toByteOffset: 8, as: UInt64.self)
        raw.storeBytes(of: Self.hexadecimal(sort), toByteOffset: 8 + letters, as: UInt64.self)
        size = 8 + letters + Self.sortSize
    }

    /// The low 32 bits as eight digits, first digit at the lowest address.
    @inline(__always)
    private static func hexadecimal(_ value: UInt64) -> UInt64 {
        var x = value & 0xFFFF_FFFF
        x = (x | x &<< 16) & 0x0000_FFFF_0000_FFFF
        x = (x | x &<< 8) & 0x00FF_00FF_00FF_00FF
        x = (x | x &<< 4) & 0x0F0F_0F0F_0F0F_0F0F
        let letters = ((x &+ 0x0606_0606_0606_0606) &>> 4) & 0x0101_0101_0101_0101
        return (x &+ 0x3030_3030_3030_3030 &+ letters &* 0x27).byteSwapped
    }
}

/// Values of one size that compress to about half.
///
/// A megabyte made of pieces of at most 100 bytes, each half random bytes and half their repetition; a value
/// is a place in it, with a stamp in its first eight bytes that readers compare.
struct ValueBuffer: ~Copyable {
    private static let poolSize = 1 << 20
    private let pool: UnsafeMutableRawPointer
    let size: Int
    private let bytes: UnsafeMutableRawPointer
    private var random: Random

    init(size: Int, seed: UInt64) {
        self.size = size
        bytes = .allocate(byteCount: max(size, 8), alignment: 16)
        random = Random(seed)
        let total = Self.poolSize + size
        pool = .allocate(byteCount: total, alignment: 16)
        var source = Random(7)
        let piece = min(max(size, 16), 100)
        for offset in 0..<total {
            let inside = offset % piece
            let byte =
                inside < piece / 2
                ? UInt8(truncatingIfNeeded: source.next())
                : pool.load(fromByteOffset: max(0, offset - piece / 2), as: UInt8.self)
            pool.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
        }
    }

    deinit {
        bytes.deallocate()
        pool.deallocate()
    }

    /// A value of its own, half random bytes and half zeros, for callers that hand it to another thread.
    static func make(_ size: Int, stamp: UInt64, _ random: inout Random) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: size)
        for offset in stride(from: 0, to: size / 2 / 8 * 8, by: 8) {
            let word = offset == 0 ? stamp : random.next()
            for byte in 0..<8 {
                bytes[offset + byte] = UInt8(truncatingIfNeeded: word >> UInt64(8 * byte))
            }
        }
        return bytes
    }

    /// A new value with a stamp; valid until the next call.
    @inline(__always)
    mutating func make(stamp: UInt64) -> UnsafeRawBufferPointer {
        let offset = random.next(below: Self.poolSize)
        bytes.copyMemory(from: pool + offset, byteCount: size)
        bytes.storeBytes(of: stamp, as: UInt64.self)
        return UnsafeRawBufferPointer(start: bytes, count: size)
    }
}
