internal import ShaleBytes

/// What a closed database remembers of the durations of its last life, for `shale stats`.
///
/// Text, in the file `DURATIONS`; one line for each histogram, and the checksum of all before it:
///
///     shale durations 1
///     flushes 12 9876543 1234567 40:3 41:9
///     ...
///     crc32c 1a2b3c4d
///
/// After the name come count, sum and longest in nanoseconds, and buckets with their counts. It is
/// written when the database is closed, without a sync, and nothing depends on it: a file that is not whole
/// is as good as none.
enum DurationsFormat {
    static let fileName = "DURATIONS"
    /// Longer than any that is written.
    static let largestSizeBytes = 64 * 1024
    private static let header = "shale durations 1"

    static func encode(_ durations: EngineDurations) -> [UInt8] {
        var text = header + "\n"
        for (name, histogram) in durations.named {
            text += name.map { $0 == " " ? "-" : String($0) }.joined()
            text += " \(histogram.count) \(histogram.totalNanoseconds)"
            text += " \(histogram.longestNanoseconds)"
            for (bucket, count) in histogram.buckets { text += " \(bucket):\(count)" }
            text += "\n"
        }
        let bytes = Array(text.utf8)
        return bytes + Array("crc32c \(Hexadecimal.text(checksum(bytes)))\n".utf8)
    }

    /// What the file says; nil if it is damaged or of another version.
    static func decode(_ bytes: [UInt8]) -> EngineDurations? {
        let text = String(decoding: bytes, as: UTF8.self)
        var lines = text.split(separator: "\n")
        guard bytes.last == UInt8(ascii: "\n"), let last = lines.popLast(),
            lines.first.map(String.init) == header
        else { return nil }
        let body = Array(lines.map { $0 + "\n" }.joined().utf8)
        guard last == "crc32c \(Hexadecimal.text(checksum(body)))" else { return nil }
        let histograms = lines.dropFirst().map { line in
            histogram(line.split(separator: " ").dropFirst().map(String.init))
        }
        guard histograms.count == 5, !histograms.contains(nil) else { return nil }
        let found = histograms.compactMap { $0 }
        var durations = EngineDurations()
        durations.flushes = found[0]
        durations.compactions = found[1]
        durations.writePauses = found[2]
        durations.writeStalls = found[3]
        durations.blockReads = found[4]
        return durations
    }

    private static func histogram(_ words: [String]) -> DurationHistogram? {
        guard words.count >= 3, let count = Int(words[0]), let total = UInt64(words[1]),
            let longest = UInt64(words[2])
        else { return nil }
        var buckets: [(Int, Int)] = []
        for word in words.dropFirst(3) {
            let parts = word.split(separator: ":").compactMap { Int($0) }
            guard parts.count == 2 else { return nil }
            buckets.append((parts[0], parts[1]))
        }
        return DurationHistogram(buckets, count: count, total: total, longest: longest)
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        bytes.withLentBytes { Checksum.crc32c($0, seed: 0) }
    }
}
