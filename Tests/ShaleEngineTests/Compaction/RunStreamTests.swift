import ShaleBytes
import ShalePlatform
import Testing

@testable import ShaleEngine

/// A run, gone through in order, against the entries that were written into it.
struct RunStreamTests {
    private func parts(_ written: [WrittenRunFile]) -> [RunStream.Part] {
        written.flatMap { file in
            file.sections.map { RunStream.Part(reference: file.reference, summary: $0) }
        }
    }

    private func entries(
        _ parts: [RunStream.Part],
        _ range: EntryRange,
        _ files: any FileSystem
    ) throws -> [TestEntry] {
        var stream = try RunStream(parts, range, in: RunFixture.directory, files)
        var found: [TestEntry] = []
        while !stream.isAtEnd {
            let value = stream.kind == .tombstone ? nil : stream.value.copied()
            found.append(TestEntry(stream.key.copied(), value))
            try stream.advance()
        }
        return found
    }

    /// Entries of one run in files of about equal size.
    private func write(
        _ entries: [TestEntry],
        files count: Int,
        _ shape: RunFileShape,
        to fixture: RunFixture
    ) throws -> [WrittenRunFile] {
        let size = max(1, entries.count / count + 1)
        return try (0..<count).compactMap { file -> WrittenRunFile? in
            let part = Array(entries.dropFirst(file * size).prefix(size))
            guard !part.isEmpty else { return nil }
            return try fixture.write([part], number: UInt64(file + 1), shape: shape)
        }
    }

    @Test(arguments: 0..<30)
    func `a stream visits what lies in its range, in order`(seed: Int) throws {
        let fixture = try RunFixture()
        var maker = EntryMaker(seed: seed)
        let all = maker.entries(1 + seed * 20)
        let shape = RunFixture.shape(
            blockSize: 256 << (seed % 3),
            compression: seed.isMultiple(of: 2) ? .lz4 : .none
        )
        let written = try write(all, files: 1 + seed % 3, shape, to: fixture)
        #expect(try entries(parts(written), .all, fixture.files) == all)
        for _ in 0..<20 {
            let range = maker.range(all)
            let expected = all.filter { range.contains($0.key) }
            #expect(try entries(parts(written), range, fixture.files) == expected)
        }
    }

    @Test func `an index of several levels is walked through`() throws {
        let fixture = try RunFixture()
        let all = (0..<2_000).map { number in
            TestEntry(
                [UInt8](repeating: UInt8(number >> 8), count: 900) + [UInt8(number & 0xFF)],
                []
            )
        }
        let written = try write(all, files: 1, RunFixture.shape(blockSize: 256), to: fixture)
        #expect(try entries(parts(written), .all, fixture.files) == all)
        for start in stride(from: 0, to: all.count, by: 191) {
            let range = EntryRange(lower: all[start].key, upper: nil)
            #expect(try entries(parts(written), range, fixture.files) == Array(all[start...]))
        }
    }

    @Test func `a flipped bit is an error or harmless`() throws {
        let fixture = try RunFixture()
        var maker = EntryMaker(seed: 5)
        let all = maker.entries(60)
        let written = try write(all, files: 1, RunFixture.shape(blockSize: 256), to: fixture)
        let whole = try fixture.bytes()
        var refused = 0
        for index in whole.indices {
            var bytes = whole
            bytes[index] ^= 1 << UInt8(index % 8)
            try fixture.replace(with: bytes)
            do {
                #expect(try entries(parts(written), .all, fixture.files) == all)
            } catch {
                #expect((error as? EngineError)?.code == .corrupted)
                refused += 1
            }
        }
        // Everything but filters, the directory, header and footer is read.
        #expect(refused > whole.count / 2)
    }

    @Test func `a body that is cut off is damage`() throws {
        var body: [UInt8] = []
        body.append(integer: UInt16(1))
        body.append(integer: UInt16(0))
        body += [0, 7, 0, 1, 4, 0x61, 0x62]
        for length in 0...body.count {
            let part = Array(body.prefix(length))
            let isWhole = part.withLentBytes { lent in
                do throws(MalformedPiece) {
                    var entries = try BlockEntries(lent)
                    while try entries.next(in: lent) != nil {}
                    return true
                } catch {
                    return false
                }
            }
            #expect(isWhole == (length == body.count))
        }
    }
}
