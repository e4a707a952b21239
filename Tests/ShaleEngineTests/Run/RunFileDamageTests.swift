import ShaleBytes
import ShalePlatform
import Testing

@testable import ShaleEngine

/// Damage is named by the verifier, fails the reads that touch it, and never traps.
@Suite struct RunFileDamageTests {
    static let seeds = [1, 2, 3]

    private func small(seed: Int) -> [[TestEntry]] {
        var maker = EntryMaker(seed: seed)
        return [maker.entries(20, largestValue: 24), maker.entries(2, largestValue: 24)]
    }

    private func problems(
        _ fixture: RunFixture,
        _ reference: RunFileReference
    ) throws -> [EngineError] {
        try RunFileVerifier.problems(
            of: fixture.files.open(fixture.path(1), .read),
            reference
        )
    }

    @Test(arguments: RunFilePropertyTests.cases)
    func `a sound file has no problems and no unexplained byte`(
        test: RunFilePropertyTests.Case
    ) throws {
        var maker = EntryMaker(seed: test.seed)
        let fixture = try RunFixture()
        let shape = RunFixture.shape(
            blockSize: test.blockSize,
            filterBits: test.filterBits,
            compression: test.compression
        )
        let sections = test.counts.map { maker.entries($0, largestValue: test.largestValue) }
        let written = try fixture.write(sections, shape: shape)
        #expect(try problems(fixture, written.reference) == [])
        let file = try fixture.files.open(fixture.path(1), .read)
        let parts = try RunFileInspector.parts(of: file, name: "000001.run")
        var end = 0
        for part in parts {
            #expect(part.isSound)
            #expect(part.range.lowerBound == end)
            end = part.range.upperBound
        }
        #expect(end == written.reference.sizeBytes)
    }

    @Test(arguments: seeds)
    func `every flipped bit is noticed`(seed: Int) throws {
        let fixture = try RunFixture()
        let sections = small(seed: seed)
        let reference = try fixture.write(sections, shape: RunFixture.shape(blockSize: 256))
            .reference
        let sound = try fixture.bytes()
        for offset in sound.indices {
            // All bits of one file; of the others one bit of each byte.
            for bit in seed == 1 ? 0..<8 : (offset % 8)..<(offset % 8 + 1) {
                var bytes = sound
                bytes[offset] ^= 1 << bit
                try fixture.replace(with: bytes)
                let problems = try problems(fixture, reference)
                #expect(!problems.isEmpty, "bit \(bit) of byte \(offset)")
                #expect(problems.allSatisfy { $0.file == "000001.run" })
            }
        }
    }

    @Test(arguments: seeds)
    func `reads of a file with a flipped bit give the truth or an error`(seed: Int) throws {
        let fixture = try RunFixture(cacheBytes: 0)
        let entries = small(seed: seed)[0]
        let reference = try fixture.write([entries], shape: RunFixture.shape(blockSize: 256))
            .reference
        let sound = try fixture.bytes()
        var refused = 0
        for offset in stride(from: seed, to: sound.count, by: 3) {
            var bytes = sound
            bytes[offset] ^= 1 << (offset % 8)
            try fixture.replace(with: bytes)
            let section = fixture.open(reference).section(0)
            for entry in entries {
                do throws(EngineError) {
                    let hash = RunFormat.keyHash(entry.key)
                    let found = try section.get(entry.key, keyHash: hash, .blocking).found
                    #expect(found == .some(entry.value))
                } catch {
                    refused += 1
                    #expect(error.code == .corrupted || error.code == .newerFormat)
                }
            }
        }
        #expect(refused > sound.count / 3)
    }

    @Test(arguments: seeds)
    func `a file that was cut off is refused`(seed: Int) throws {
        let fixture = try RunFixture()
        let reference = try fixture.write(small(seed: seed)).reference
        let sound = try fixture.bytes()
        for length in 0..<sound.count {
            try fixture.replace(with: Array(sound[..<length]))
            #expect(try !problems(fixture, reference).isEmpty)
            #expect(throws: EngineError.self) {
                try fixture.open(reference).section(0).summary(.blocking)
            }
        }
    }

    /// A piece whose checksums are right and whose content is not: nothing traps.
    @Test(arguments: 0..<40)
    func `bytes made up behind right checksums never trap`(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        var maker = EntryMaker(seed: seed)
        let entries = maker.entries(60, largestValue: 20)
        let fixture = try RunFixture()
        let written = try fixture.write([entries], shape: RunFixture.shape(blockSize: 256))
        let file = try fixture.files.open(fixture.path(1), .read)
        for part in try RunFileInspector.parts(of: file, name: "") {
            var body = try file.read(at: part.range.lowerBound, count: part.range.count)
            for _ in 0..<4 {
                let index = Int.random(in: 0..<body.count, using: &generator)
                body[index] = UInt8.random(in: 0...255, using: &generator)
            }
            for content in [PieceContent.data, .index, .filter] {
                guard let block = try? CachedBlock(checking: body, as: content) else { continue }
                exercise(block, with: entries)
            }
            let directory = try? SectionDirectory(checking: body, before: 1 << 20)
            #expect((directory?.sections.count ?? 0) < 1000)
        }
        #expect(written.sections.count == 1)
    }

    private func exercise(_ block: CachedBlock, with entries: [TestEntry]) {
        for entry in entries {
            let bytes = block.bytes
            let key = entry.key
            let body = bytes.span
            let sought = unsafe key.span.bytes
            switch block.content {
            case .data:
                let data = block.data
                let found = data.find(sought, keyHash: RunFormat.keyHash(key), in: body)
                #expect(found.map { $0.value.upperBound <= bytes.count } ?? true)
                #expect((0...data.count).contains(data.lowerBound(sought, in: body)))
            case .index:
                let index = block.index
                let child = index.firstChild(notBefore: sought, in: body)
                #expect((0...index.count).contains(child))
            case .filter:
                _ = block.filter.mayContain(RunFormat.keyHash(key), in: body)
            case .directory, .blob: break
            }
        }
    }

    @Test(arguments: seeds)
    func `what a damaged section still has is salvaged, and the rest is named`(seed: Int) throws {
        var maker = EntryMaker(seed: seed)
        let entries = maker.entries(400, largestValue: 40)
        let fixture = try RunFixture()
        let shape = RunFixture.shape(blockSize: 512)
        let reference = try fixture.write([entries], shape: shape).reference
        let sound = try fixture.bytes()
        let file = try fixture.files.open(fixture.path(1), .read)
        for part in try RunFileInspector.parts(of: file, name: "").dropFirst(4) {
            var bytes = sound
            bytes[part.range.lowerBound] ^= 1
            try fixture.replace(with: bytes)
            var saved: [TestEntry] = []
            let lost: [RunSection.LostKeys]
            do throws(EngineError) {
                lost = try fixture.open(reference).section(0).salvage { key, kind, value in
                    saved.append(TestEntry(key, kind == .tombstone ? nil : value.copied()))
                }
            } catch {
                // Footer and directory only: without them nothing is found.
                #expect(part.range.lowerBound >= sound.count - 400)
                continue
            }
            let wanted = entries.filter { entry in
                !lost.contains { range in
                    range.after.map { KeyOrder.isAscending($0, entry.key) } ?? true
                        && !KeyOrder.isAscending(range.through, entry.key)
                }
            }
            #expect(saved == wanted)
            switch part.content {
            case .dataBlock: #expect(lost.count == 1 && !saved.isEmpty)
            case .index: #expect(lost.count == 1)
            default: #expect(lost == [])
            }
        }
    }

    /// The write of a block was lost, and what was there before is whole: only its parent knows.
    @Test func `an older block in the right place is refused`() throws {
        let fixture = try RunFixture()
        let shape = RunFixture.shape(compression: .none)
        let old = (0..<200).map { TestEntry([UInt8($0)], [1]) }
        let new = (0..<200).map { TestEntry([UInt8($0)], [2]) }
        try fixture.write([old], number: 2, shape: shape)
        let reference = try fixture.write([new], shape: shape).reference
        let stale = try fixture.bytes(of: 2)
        var bytes = try fixture.bytes()
        let file = try fixture.files.open(fixture.path(1), .read)
        let part = try #require(
            try RunFileInspector.parts(of: file, name: "").first { part in
                if case .dataBlock = part.content { true } else { false }
            }
        )
        bytes.replaceSubrange(part.range, with: stale[part.range])
        try fixture.replace(with: bytes)
        let named = try problems(fixture, reference)
        #expect(named.map(\.offset) == [part.range.lowerBound])
        let key = new[0].key
        #expect(throws: EngineError.self) {
            try fixture.open(reference).section(0).get(
                key,
                keyHash: RunFormat.keyHash(key),
                .blocking
            )
        }
    }

    @Test func `a file in the place of another is refused`() throws {
        let fixture = try RunFixture()
        let entries = small(seed: 1)
        let reference = try fixture.write(entries).reference
        let other = RunFileReference(
            number: reference.number,
            identity: FileIdentity(first: 1, second: 2),
            sizeBytes: reference.sizeBytes,
            footerChecksum: reference.footerChecksum
        )
        let error = #expect(throws: EngineError.self) {
            try fixture.open(other).section(0).summary(.blocking)
        }
        #expect(error?.code == .corrupted)
        #expect(error?.file == "000001.run")
        #expect(try !problems(fixture, other).isEmpty)
    }
}
