import ShaleBytes
import Testing

@testable import ShaleRuntimes

/// Archives as `zip` writes them, and those that nobody should.
@Suite struct ZipArchiveTests {
    private static func little(_ number: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }

    /// An archive of one stored file.
    private static func archive(_ name: String, _ bytes: [UInt8], mode: Int = 0o100644) -> [UInt8] {
        let text = Array(name.utf8)
        var zip = little(0x0403_4B50, 4) + [UInt8](repeating: 0, count: 22)
        zip += little(text.count, 2) + little(0, 2) + text + bytes
        let directory = zip.count
        zip += little(0x0201_4B50, 4) + [UInt8](repeating: 0, count: 12)
        zip += little(Int(Zlib.crc32(bytes)), 4)
        zip += little(bytes.count, 4) + little(bytes.count, 4) + little(text.count, 2)
        zip += [UInt8](repeating: 0, count: 8) + little(mode << 16, 4) + little(0, 4) + text
        let size = zip.count - directory
        zip += little(0x0605_4B50, 4) + little(0, 4) + little(1, 2) + little(1, 2)
        return zip + little(size, 4) + little(directory, 4) + little(0, 2)
    }

    @Test func `a stored file comes out as it went in, with its mode`() throws {
        let files = try ZipArchive.files(
            Self.archive("bin/bootstrap", [1, 2, 3], mode: 0o100755),
            limit: 100
        )
        #expect(
            files == [
                ZipArchive.File(path: ["bin", "bootstrap"], isExecutable: true, bytes: [1, 2, 3])
            ]
        )
    }

    @Test(arguments: ["../x", "/etc/passwd", "a/../../x"])
    func `a name that leaves the directory is refused`(name: String) {
        #expect(throws: ZipArchive.Failure.self) {
            try ZipArchive.files(Self.archive(name, [1]), limit: 100)
        }
    }

    @Test func `a link is refused`() {
        #expect(throws: ZipArchive.Failure.self) {
            try ZipArchive.files(Self.archive("x", [1], mode: 0o120777), limit: 100)
        }
    }

    @Test func `more bytes than may be are refused`() {
        #expect(throws: ZipArchive.Failure.self) {
            try ZipArchive.files(Self.archive("x", [1, 2, 3]), limit: 2)
        }
    }

    @Test func `a byte that has changed is noticed`() {
        var bytes = Self.archive("x", [1, 2, 3])
        bytes[31] ^= 1
        #expect(throws: ZipArchive.Failure(reason: "the entry x is damaged")) {
            try ZipArchive.check(bytes, limit: 100)
        }
    }

    @Test(arguments: [
        ([("a", "12"), ("b/c", "345")], 5),
        ([("a", "1"), ("a", "2")], nil),
        ([("a", "1"), ("a/b", "2")], nil),
        ([("a/b", "1"), ("a", "2")], nil),
        ([], nil),
    ])
    func `a check tells how many bytes there are, or what cannot be a tree`(
        files: [(String, String)],
        bytes: Int?
    ) {
        let archive = Zip.archive(files.map { (name: $0.0, text: $0.1) })
        // An error is nil here.
        #expect((try? ZipArchive.check(archive, limit: 5)) == bytes)
    }

    @Test func `an archive that is cut anywhere is an error and no trap`() {
        let whole = Self.archive("a/b", [1, 2, 3])
        for end in 0..<whole.count {
            #expect(throws: ZipArchive.Failure.self) {
                try ZipArchive.files(Array(whole[..<end]), limit: 100)
            }
        }
    }
}
