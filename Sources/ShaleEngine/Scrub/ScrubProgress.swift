internal import ShaleBytes

/// How far the scrubber has come, over all lives of the database that closed cleanly.
public struct ScrubProgress: Hashable, Sendable {
    /// Bytes that were read again and compared with their checksums.
    public var checkedBytes = 0
    /// How often the end was reached.
    public var passCount = 0
    /// Places where damage was met; one that is met again after the database was opened anew counts again.
    public var damageCount = 0
    /// The file that it is in or behind.
    var file = FileNumber(0)
    /// Where in that file; 0 if it is through.
    var offset = 0
    /// The pass is over behind this file: what was written since is for the next one.
    var lastFile = FileNumber(0)

    /// Nothing yet.
    public init() {}
}

/// What a closed database remembers of the scrubber.
///
/// Text, in the file `SCRUB`: one line of numbers, and the checksum of all before it.
///
///     shale scrub 1
///     checked 123456 passes 2 damaged 0 file 17 offset 4096 last 23
///     crc32c 1a2b3c4d
///
/// It is written when the database is closed and once an hour, without a sync, and nothing depends on it: a
/// file that is not whole is as good as none, and the scrubber begins anew.
enum ScrubFormat {
    static let fileName = "SCRUB"
    /// Longer than any that is written.
    static let largestSizeBytes = 1024
    private static let header = "shale scrub 1"
    private static let names = ["checked", "passes", "damaged", "file", "offset", "last"]

    static func encode(_ progress: ScrubProgress) -> [UInt8] {
        let numbers: [UInt64] = [
            UInt64(progress.checkedBytes), UInt64(progress.passCount),
            UInt64(progress.damageCount), progress.file.rawValue, UInt64(progress.offset),
            progress.lastFile.rawValue,
        ]
        let words = zip(names, numbers).map { "\($0) \($1)" }
        let text = header + "\n" + words.joined(separator: " ") + "\n"
        let checksum = Hexadecimal.text(checksum(Array(text.utf8)))
        return Array((text + "crc32c \(checksum)\n").utf8)
    }

    /// What the file says; nil if it is damaged or of another version.
    static func decode(_ bytes: [UInt8]) -> ScrubProgress? {
        let newline = UInt8(ascii: "\n")
        let lines = bytes.split(separator: newline, omittingEmptySubsequences: false)
        guard lines.count == 4, lines[3].isEmpty, lines[0].elementsEqual(header.utf8) else {
            return nil
        }
        let body = Array(lines[0]) + [newline] + Array(lines[1]) + [newline]
        let expected = "crc32c " + Hexadecimal.text(checksum(body))
        guard lines[2].elementsEqual(expected.utf8) else { return nil }
        let words = lines[1].split(separator: UInt8(ascii: " "))
        guard words.count == 2 * names.count else { return nil }
        var numbers: [Int] = []
        for (index, name) in names.enumerated() {
            guard words[2 * index].elementsEqual(name.utf8),
                let number = Int(String(decoding: words[2 * index + 1], as: UTF8.self)),
                number >= 0
            else { return nil }
            numbers.append(number)
        }
        var progress = ScrubProgress()
        progress.checkedBytes = numbers[0]
        progress.passCount = numbers[1]
        progress.damageCount = numbers[2]
        progress.file = FileNumber(UInt64(numbers[3]))
        progress.offset = numbers[4]
        progress.lastFile = FileNumber(UInt64(numbers[5]))
        return progress
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        bytes.withLentBytes { Checksum.crc32c($0, seed: 0) }
    }
}
