/// XXH3-64 against values computed by another implementation: every length class and its edges,
/// without a seed, with a small one, and with one that has its high bits set.
import ShaleBytes
import Testing

struct HashTests {
    /// The input of a given length: bytes that do not repeat with a period of 256.
    static func input(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 * 167 + ($0 >> 8) * 31 + 13) }
    }

    static let vectors: [(count: Int, seed: UInt64, hash: UInt64)] = [
        (0, 0, 0x2d06800538d394c2),
        (0, 1, 0x4dc5b0cc826f6703),
        (0, 0x9e3779b185ebca8d, 0xa8a6b918b2f0364a),
        (1, 0, 0x8a21d78b1538b1c0),
        (1, 1, 0x089c497151651e75),
        (1, 0x9e3779b185ebca8d, 0x2a78bb5976584331),
        (2, 0, 0xa020a917c68e5888),
        (2, 1, 0xaa97256cc02f9bd2),
        (2, 0x9e3779b185ebca8d, 0x5491a1a895b760c2),
        (3, 0, 0x5f1fa6d2a3aa5a3b),
        (3, 1, 0xe66a21c39b3f96e0),
        (3, 0x9e3779b185ebca8d, 0xcd0d4d14286f82ca),
        (4, 0, 0xa8a9b82c81542a43),
        (4, 1, 0xc5e810670b343358),
        (4, 0x9e3779b185ebca8d, 0xeb16000ce9016ab7),
        (7, 0, 0x1a5de7fedcc8d90d),
        (7, 1, 0x4b21f18410da3b94),
        (7, 0x9e3779b185ebca8d, 0x1ccc880c45401e95),
        (8, 0, 0x67b8f67a80d308a6),
        (8, 1, 0xfa317f24b58d9c5c),
        (8, 0x9e3779b185ebca8d, 0x6306063894134414),
        (9, 0, 0x7df166798fe37670),
        (9, 1, 0x2661ef88d507d8a0),
        (9, 0x9e3779b185ebca8d, 0xd372377736c99cb1),
        (15, 0, 0x1bc6c65a03a87951),
        (15, 1, 0x7cfc1cf8b9608a77),
        (15, 0x9e3779b185ebca8d, 0xcce649f74b4b29e3),
        (16, 0, 0xc0967fee676a5837),
        (16, 1, 0xd04d86a958cd6bff),
        (16, 0x9e3779b185ebca8d, 0x1ca868756d53c923),
        (17, 0, 0xbc307578d06e9d93),
        (17, 1, 0xbc59ef0e43d589c8),
        (17, 0x9e3779b185ebca8d, 0x0bbc5f022418bae8),
        (32, 0, 0xffdae7523dd0daec),
        (32, 1, 0x1c357656ad37a922),
        (32, 0x9e3779b185ebca8d, 0xb3253b6c02dcbfe6),
        (33, 0, 0x27b514591ef37d2d),
        (33, 1, 0x15415f392107438a),
        (33, 0x9e3779b185ebca8d, 0x18d2af6cde69d2b7),
        (64, 0, 0x2c6e0b294abfc3f0),
        (64, 1, 0x7d3f9b9ac915f5a0),
        (64, 0x9e3779b185ebca8d, 0xd950f6b7e4e2e28f),
        (65, 0, 0x31d8db1918167d5c),
        (65, 1, 0x7a75932862d984dc),
        (65, 0x9e3779b185ebca8d, 0x0ae356eb8731395a),
        (96, 0, 0x1ebab520f4c1e5af),
        (96, 1, 0x79ab0114fab3691e),
        (96, 0x9e3779b185ebca8d, 0xeadd38003265ba4f),
        (97, 0, 0x4a2cfee5178bde3c),
        (97, 1, 0x23126254cc54b428),
        (97, 0x9e3779b185ebca8d, 0x9114e42ac4542f3a),
        (127, 0, 0x1373662ceb8090a9),
        (127, 1, 0xa742cd06653cae83),
        (127, 0x9e3779b185ebca8d, 0xda58a6156259e458),
        (128, 0, 0xa45617bfe9bb88d6),
        (128, 1, 0x0499cb21936db594),
        (128, 0x9e3779b185ebca8d, 0x11654aece48e405a),
        (129, 0, 0x4ca31f6b2cfd9a3e),
        (129, 1, 0x064a7aab2104a762),
        (129, 0x9e3779b185ebca8d, 0xe55152a9b8cb8966),
        (160, 0, 0x2fb4144dd1b5a99e),
        (160, 1, 0xbe401bf4f8dcf2cc),
        (160, 0x9e3779b185ebca8d, 0x6733e2287ecd93d2),
        (200, 0, 0x96c004e238c9b788),
        (200, 1, 0x689c30677edb3b12),
        (200, 0x9e3779b185ebca8d, 0xaca665f6fe9609c9),
        (239, 0, 0x445e8238d8be5de5),
        (239, 1, 0x75ae0a177f13384f),
        (239, 0x9e3779b185ebca8d, 0xc2158546bc05de83),
        (240, 0, 0x2817ed3cdf9547e7),
        (240, 1, 0xc926a1face4b25c4),
        (240, 0x9e3779b185ebca8d, 0xa37d8ca0436a3623),
        (241, 0, 0x02f838dd48200ee8),
        (241, 1, 0xca87a9a7c6ad37fb),
        (241, 0x9e3779b185ebca8d, 0x2b7a84e86217424e),
        (255, 0, 0xd084c9edabd7749c),
        (255, 1, 0xc73260be2af1bc01),
        (255, 0x9e3779b185ebca8d, 0xf4a17fd5b0e6a29b),
        (256, 0, 0xc67d143ec3572269),
        (256, 1, 0x9574629a2c5117bc),
        (256, 0x9e3779b185ebca8d, 0x092913fb86d434e9),
        (257, 0, 0xa3576a85d9bc4ffb),
        (257, 1, 0xb1d8bfc2cb2c934b),
        (257, 0x9e3779b185ebca8d, 0xc58633a6e19dd103),
        (511, 0, 0xed659ee644c8422b),
        (511, 1, 0x339c8a8f71471c4e),
        (511, 0x9e3779b185ebca8d, 0x8eb858cd21a8e73c),
        (512, 0, 0x6cc21b0df9345bac),
        (512, 1, 0x2900cb707859b45b),
        (512, 0x9e3779b185ebca8d, 0xe80033bf672ece23),
        (1023, 0, 0xa26b7aa055ec6699),
        (1023, 1, 0x056accd3c88c4882),
        (1023, 0x9e3779b185ebca8d, 0x2fd93040bcffadf7),
        (1024, 0, 0xa8b676f260ec26fc),
        (1024, 1, 0xa8594dad6b482a2c),
        (1024, 0x9e3779b185ebca8d, 0x90b59b7773437b3a),
        (1025, 0, 0xd102a34b4d6453f6),
        (1025, 1, 0xd2c5bb3ddb86d60b),
        (1025, 0x9e3779b185ebca8d, 0x5ccc7d14591ed7bf),
        (1088, 0, 0xbc45ee013947c227),
        (1088, 1, 0xef8afb4ac6b1b773),
        (1088, 0x9e3779b185ebca8d, 0x8387d96807d57669),
        (2048, 0, 0x542150e0501555a1),
        (2048, 1, 0x037123bc5e01c388),
        (2048, 0x9e3779b185ebca8d, 0x8b868df0eb6c9c5e),
        (2049, 0, 0xd3c86d619fe570e1),
        (2049, 1, 0x9fa9c3214e18002a),
        (2049, 0x9e3779b185ebca8d, 0x47ee2deb8d514d61),
        (4096, 0, 0x549798509dcacb98),
        (4096, 1, 0x694e82a4952132a6),
        (4096, 0x9e3779b185ebca8d, 0xb7edda1b9b8cd60b),
        (5000, 0, 0xa600a32f76265444),
        (5000, 1, 0xe0c200149128648c),
        (5000, 0x9e3779b185ebca8d, 0xec8e19300d5f48c3),
    ]

    @Test(arguments: vectors)
    func `the published algorithm is met at every length`(
        count: Int,
        seed: UInt64,
        hash: UInt64
    ) {
        #expect(Hash.xxh3(Self.input(count), seed: seed) == hash)
    }

    @Test func `bytes outside the span do not matter`() {
        let whole = Self.input(600)
        for start in 0..<9 {
            let piece = Array(whole[start..<(start + 300)])
            let padded = [0xAA] + piece + [0xBB]
            // Safety: bytes of an array are initialized.
            let span = unsafe padded.span.bytes
            #expect(
                Hash.xxh3(span.extracting(1..<301), seed: 5) == Hash.xxh3(piece, seed: 5)
            )
        }
    }
}
