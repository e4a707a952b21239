internal import ShaleBytes

/// The files of a zip, read from its directory at the end (APPNOTE 6.3.10, 4.3).
///
///     end record          offset  size  field
///       50 4B 05 06            0     4  mark
///                             10     2  entries
///                             16     4  offset of the directory
///     entry of directory
///       50 4B 01 02            0     4  mark
///                             10     2  method: 0 stored, 8 deflated
///                             16     4  CRC-32 of the file
///                             20     4  size packed
///                             24     4  size unpacked
///                             28     2  length of the name; at 30 of extras; at 32 of the comment
///                             38     4  attributes; the upper half is the mode of Unix
///                             42     4  offset of the file's own head
///     head of a file
///       50 4B 03 04            0     4  mark
///                             26     2  length of the name; at 28 of extras; then they, then the bytes
///
/// Total: any bytes give files or an error. Names cannot leave the directory that they are put into.
struct ZipArchive {
    struct File: Equatable {
        var path: [String]
        var isExecutable: Bool
        var bytes: [UInt8]
    }

    struct Failure: Error, Equatable {
        var reason: String
    }

    private static let endBytes = 22
    private static let entryBytes = 46
    private static let headBytes = 30
    private static let mostEntries = 65_535

    private let bytes: [UInt8]

    /// The files of an archive, whose bytes together are at most `limit`.
    static func files(_ bytes: [UInt8], limit: Int) throws(Failure) -> [File] {
        var files: [File] = []
        try ZipArchive(bytes: bytes).forEach(limit) { files.append($0) }
        return files
    }

    /// Says whether an archive can be unpacked, one file of it in memory at a time.
    ///
    /// - Returns: How many bytes its files have together.
    static func check(_ bytes: [UInt8], limit: Int) throws(Failure) -> Int {
        var sum = 0
        var tree = Tree()
        try ZipArchive(bytes: bytes).forEach(limit) { file throws(Failure) in
            try tree.add(file.path)
            sum += file.bytes.count
        }
        guard !tree.isEmpty else { throw Failure(reason: "it has no files") }
        return sum
    }

    /// The places of files, each of which is one file or one directory.
    private struct Tree {
        private var files: Set<[String]> = []
        private var directories: Set<[String]> = []

        var isEmpty: Bool { files.isEmpty }

        mutating func add(_ path: [String]) throws(Failure) {
            let isNew = files.insert(path).inserted && !directories.contains(path)
            var isClear = true
            for depth in 1..<max(1, path.count) {
                let parent = Array(path[..<depth])
                directories.insert(parent)
                isClear = isClear && !files.contains(parent)
            }
            guard isNew, isClear else {
                let name = path.joined(separator: "/").prefix(200)
                throw Failure(
                    reason: "the entry \(name) is there twice, or is a directory of another"
                )
            }
        }
    }

    private func forEach(_ limit: Int, _ body: (File) throws(Failure) -> Void) throws(Failure) {
        guard let end = endRecord() else { throw Failure(reason: "it has no directory at its end") }
        let count = try number(end + 10, 2)
        var place = try number(end + 16, 4)
        var room = limit
        for _ in 0..<min(count, Self.mostEntries) {
            guard try number(place, 4) == 0x0201_4B50 else {
                throw Failure(reason: "its directory is damaged at byte \(place)")
            }
            let name = try number(place + 28, 2)
            if let file = try file(place, name, room) {
                room -= file.bytes.count
                try body(file)
            }
            let extras = try number(place + 30, 2) + number(place + 32, 2)
            place += Self.entryBytes + name + extras
        }
    }

    private func endRecord() -> Int? {
        guard bytes.count >= Self.endBytes else { return nil }
        // A comment of at most 65,535 bytes may stand behind it.
        let last = bytes.count - Self.endBytes
        let first = max(0, last - 65_535)
        return (first...last).reversed().first { place in
            bytes[place] == 0x50 && bytes[place + 1] == 0x4B && bytes[place + 2] == 5
                && bytes[place + 3] == 6
        }
    }

    /// The file of an entry; nil for a directory.
    private func file(_ place: Int, _ nameBytes: Int, _ room: Int) throws(Failure) -> File? {
        let name = String(decoding: try part(place + Self.entryBytes, nameBytes), as: UTF8.self)
        if name.hasSuffix("/") { return nil }
        let mode = try number(place + 40, 2)
        let isLink = mode & 0xF000 == 0xA000
        let path = name.split(separator: "/").map(String.init).filter { $0 != "." }
        let leaves = path.contains("..") || name.hasPrefix("/") || name.utf8.contains(0)
        guard !isLink, !leaves, !path.isEmpty else {
            throw Failure(
                reason: "the entry \(name.prefix(200)) is a link, or outside of its directory"
            )
        }
        let size = try number(place + 24, 4)
        guard size <= room else {
            throw Failure(reason: "Unzipped size must be smaller than 262144000 bytes")
        }
        let head = try number(place + 42, 4)
        let before = try number(head + 26, 2) + number(head + 28, 2)
        let packed = Array(try part(head + Self.headBytes + before, try number(place + 20, 4)))
        let bytes = try unpacked(packed, try number(place + 10, 2), size, name)
        guard Int(Zlib.crc32(bytes)) == (try number(place + 16, 4)) else {
            throw Failure(reason: "the entry \(name.prefix(200)) is damaged")
        }
        return File(path: path, isExecutable: mode & 0o111 != 0, bytes: bytes)
    }

    private func unpacked(
        _ packed: [UInt8],
        _ method: Int,
        _ size: Int,
        _ name: String
    ) throws(Failure) -> [UInt8] {
        var bytes = packed
        if method == 8, size > 0 {
            do throws(Zlib.Failure) {
                bytes = try Zlib.decompress(packed, .deflate, limit: size)
            } catch {
                throw Failure(reason: "the entry \(name.prefix(200)) is damaged")
            }
        } else if method != 0, size > 0 {
            throw Failure(
                reason: "the entry \(name.prefix(200)) is packed in a way that is not known"
            )
        }
        guard size == 0 || bytes.count == size else {
            throw Failure(reason: "the entry \(name.prefix(200)) is not as long as it says")
        }
        return size == 0 ? [] : bytes
    }

    private func part(_ start: Int, _ count: Int) throws(Failure) -> ArraySlice<UInt8> {
        guard start >= 0, start <= bytes.count, count <= bytes.count - start else {
            throw Failure(reason: "it ends too early")
        }
        return bytes[start..<start + count]
    }

    private func number(_ start: Int, _ count: Int) throws(Failure) -> Int {
        try part(start, count).reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
