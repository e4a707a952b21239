import ShaleBytes
import ShalePlatform
import Testing

@testable import ShaleEngine

/// Files whose checksums are all right and whose content is not: the verifier finds what contradicts
/// itself, and no read traps.
@Suite struct RunFileLieTests {
    /// A sound file, and a way to change it so that every checksum above the change is right again.
    private struct Forger {
        let fixture: RunFixture
        let reference: RunFileReference
        let sound: [UInt8]
        let parts: [RunFilePart]

        init(_ sections: [[TestEntry]], _ shape: RunFileShape) throws {
            fixture = try RunFixture(cacheBytes: 0)
            reference = try fixture.write(sections, shape: shape).reference
            sound = try fixture.bytes()
            let file = try fixture.files.open(fixture.path(1), .read)
            parts = try RunFileInspector.parts(of: file, name: "")
        }

        /// Pieces; header and footer are not.
        var pieces: [RunFilePart] {
            parts.filter { part in
                if case .field = part.content { false } else { true }
            }
        }

        /// Where the stored bytes and types of some pieces are.
        func offsets(where isWanted: (RunFilePart.Content) -> Bool) -> [Int] {
            pieces.filter { isWanted($0.content) }.flatMap { $0.range.dropLast(4) }
        }

        /// Puts a file with the flipped bit in the place of the sound one; answers its reference.
        ///
        /// The same bit of `other` in the same piece is flipped as well.
        func forge(_ offset: Int, bit: Int, and other: Int? = nil) throws -> RunFileReference {
            var bytes = sound
            bytes[offset] ^= 1 << bit
            if let other { bytes[other] ^= 1 << bit }
            var changed = pieces.first { $0.range.contains(offset) }
            while let piece = changed {
                changed = reseal(piece, &bytes)
            }
            let footer = bytes.count - RunFormat.footerSize
            let checksumAt = footer + RunFormat.footChecksumOffset
            let checksum = Checksum.crc32c(
                Array(bytes[footer..<checksumAt]),
                seed: reference.identity.checksumSeed(at: footer)
            )
            write(checksum, at: checksumAt, &bytes)
            try fixture.replace(with: bytes)
            var forged = reference
            forged.footerChecksum = checksum
            return forged
        }

        /// Makes a piece's checksum right, here and where it is pointed to; answers with the piece
        /// that points to it, nil for the footer.
        private func reseal(_ piece: RunFilePart, _ bytes: inout [UInt8]) -> RunFilePart? {
            let checksumAt = piece.range.upperBound - 4
            let old = Array(bytes[checksumAt..<piece.range.upperBound])
            let checksum = Checksum.crc32c(
                Array(bytes[piece.range.lowerBound..<checksumAt]),
                seed: reference.identity.checksumSeed(at: piece.range.lowerBound)
            )
            write(checksum, at: checksumAt, &bytes)
            var pointer: [UInt8] = []
            pointer.append(integer: UInt64(piece.range.lowerBound))
            pointer.append(integer: UInt32(piece.range.count))
            pointer += old
            let last = bytes.count - pointer.count
            guard let place = (0...last).first(where: { bytes[$0...].starts(with: pointer) })
            else { return nil }
            write(checksum, at: place + 12, &bytes)
            return pieces.first { $0.range.contains(place) }
        }

        private func write(_ checksum: UInt32, at offset: Int, _ bytes: inout [UInt8]) {
            var field: [UInt8] = []
            field.append(integer: checksum)
            bytes.replaceSubrange(offset..<(offset + 4), with: field)
        }

        func problems(_ reference: RunFileReference) throws -> [EngineError] {
            try RunFileVerifier.problems(
                of: fixture.files.open(fixture.path(1), .read),
                reference
            )
        }
    }

    private static func entries(_ seed: Int) -> [TestEntry] {
        var maker = EntryMaker(seed: seed)
        // Without values: then every byte of a block is a key's, or of the layout.
        return maker.entries(36, largestValue: 0)
    }

    private static let shape = RunFixture.shape(blockSize: 256, compression: .none)

    /// So the forger's checksums are right, and what the other tests find is not a checksum.
    @Test func `a lie that contradicts nothing is believed`() throws {
        let forger = try Forger([Self.entries(1)], Self.shape)
        let directory = try #require(forger.pieces.last).range.lowerBound
        let newestPosition = directory + SectionDirectoryFormat.countSize + 80
        #expect(try forger.problems(forger.forge(newestPosition, bit: 0)) == [])
        let filter = try #require(
            forger.pieces.first { part in
                if case .filter = part.content { true } else { false }
            }
        )
        let clear = try #require(filter.range.first { forger.sound[$0] & 1 == 0 })
        #expect(try forger.problems(forger.forge(clear, bit: 0)) == [])
    }

    /// A separator can be another one than the writer chose and still be right.
    @Test(arguments: [1, 2])
    func `a lie in the index is found, or changes no answer`(seed: Int) throws {
        let entries = Self.entries(seed)
        let forger = try Forger([entries], Self.shape)
        var believed = 0
        for offset in forger.offsets(where: { if case .index = $0 { true } else { false } }) {
            let reference = try forger.forge(offset, bit: offset % 8)
            guard try forger.problems(reference).isEmpty else { continue }
            believed += 1
            let section = forger.fixture.open(reference).section(0)
            #expect(try section.entries(.all, .ascending, .blocking) == entries)
            for entry in entries {
                let hash = RunFormat.keyHash(entry.key)
                let found = try section.get(entry.key, keyHash: hash, .blocking).found
                #expect(found == .some(entry.value))
            }
        }
        #expect(believed < 20)
    }

    /// A piece that says of its child what the child does not say of itself.
    @Test func `a separator that is not the child's own is found`() throws {
        let shared = [UInt8](repeating: 7, count: 20_000)
        let entries = (0..<9).map { TestEntry(shared + [UInt8($0), 1], [1]) }
        let forger = try Forger([entries], Self.shape)
        let root = try #require(
            forger.pieces.last { if case .index = $0.content { true } else { false } }
        ).range
        let count = Int(forger.sound[root.lowerBound + IndexPieceFormat.countOffset])
        // The first separator ends in the place of its entry, and so does its digest begin.
        let start = IndexPieceFormat.separatorsOffset(count: count, level: 1)
        let end = root.lowerBound + start + shared.count
        let digest = root.lowerBound + IndexPieceFormat.digestsOffset(count: count) + 7
        #expect(forger.sound[end] == 4 && forger.sound[digest] == 4)
        let reference = try forger.forge(end, bit: 0, and: digest)
        #expect(try forger.problems(reference).map(\.offset).count == 1)
    }

    /// Another key in the place of one has its tag by chance: one in 256.
    @Test(arguments: [1, 2])
    func `a lie in a block is found but for keys with the same tag`(seed: Int) throws {
        let forger = try Forger([Self.entries(seed)], Self.shape)
        let offsets = forger.offsets { if case .dataBlock = $0 { true } else { false } }
        let believed = try offsets.count { offset in
            try forger.problems(forger.forge(offset, bit: offset % 8)).isEmpty
        }
        #expect(believed < offsets.count / 64)
    }

    @Test func `a filter without a key is found`() throws {
        let forger = try Forger([Self.entries(3)], Self.shape)
        let part = try #require(
            forger.pieces.first { part in
                if case .filter = part.content { true } else { false }
            }
        )
        for offset in part.range.dropLast(PieceFormat.trailerSize + FilterFormat.probesSize) {
            for bit in 0..<8 where forger.sound[offset] & 1 << bit != 0 {
                let reference = try forger.forge(offset, bit: bit)
                #expect(try !forger.problems(reference).isEmpty)
            }
        }
    }

    @Test(arguments: [1, 2])
    func `counts and keys of the directory are compared`(seed: Int) throws {
        let forger = try Forger([Self.entries(seed)], Self.shape)
        let directory = try #require(forger.pieces.last).range.lowerBound
        // Place and root of the section, counts, lengths of keys, keys; not positions and times.
        let start = directory + SectionDirectoryFormat.countSize
        let fields = [0..<20, 48..<72, 96..<110]
        for offset in fields.joined() {
            let reference = try forger.forge(start + offset, bit: offset % 8)
            #expect(try !forger.problems(reference).isEmpty, "\(offset)")
        }
    }

    @Test(arguments: [1, 2, 3])
    func `no read traps whatever a file says`(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        let entries = Self.entries(seed)
        let forger = try Forger([entries], Self.shape)
        for part in forger.pieces {
            for offset in part.range.dropLast(4) {
                let bit = Int.random(in: 0..<8, using: &generator)
                let reference = try forger.forge(offset, bit: bit)
                exercise(forger.fixture.open(reference), entries)
            }
        }
    }

    /// Reads in every way; errors are answers, and an endless scan is not possible.
    private func exercise(_ file: RunFile, _ entries: [TestEntry]) {
        let section = file.section(0)
        let key = entries[entries.count / 2].key
        let attempts: [() throws -> Void] = [
            { _ = try section.get(key, keyHash: RunFormat.keyHash(key), .blocking) },
            { _ = try section.entries(.all, .ascending, .blocking) },
            { _ = try section.entries(.all, .descending, .sequential) },
            { _ = try section.entries(EntryRange(lower: key, upper: nil), .ascending, .blocking) },
            { _ = try section.entries(EntryRange(lower: [], upper: key), .descending, .blocking) },
            { _ = try section.mayContainPartition(of: EntryRange(prefix: key), .blocking) },
            { _ = try section.estimatedBytes(in: EntryRange(prefix: key), .blocking) },
            { _ = try section.middleKey(in: .all, .blocking) },
            { _ = try section.salvage { _, _, _ in } },
        ]
        for attempt in attempts {
            do { try attempt() } catch { #expect(error is EngineError) }
        }
    }
}
