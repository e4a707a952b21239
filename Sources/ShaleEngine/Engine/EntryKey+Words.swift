/// Keys in words, for people.
extension EntryKey {
    /// Longest text that is shown whole.
    private static let shownBytes = 48

    /// "hash 00c0ffee00c0ffee, partition "p1", sort "s22"".
    static func words(of bytes: [UInt8]) -> String {
        guard bytes.count >= partitionOffset else {
            return bytes.isEmpty ? "the beginning" : Hexadecimal.text(bytes)
        }
        let hash = Hexadecimal.text(hash(of: bytes))
        let sort = sort(in: bytes)
        let tail = sort.isEmpty ? "" : ", sort \(text(sort))"
        return "hash \(hash), partition \(text(partition(in: bytes)))\(tail)"
    }

    /// Quoted if all of it can be printed, else hexadecimal; shortened.
    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        let isPrintable = bytes.allSatisfy { (0x20..<0x7F).contains($0) }
        guard isPrintable else { return Hexadecimal.text(bytes, limit: shownBytes / 2) }
        let shown = String(decoding: bytes.prefix(shownBytes), as: UTF8.self)
        return bytes.count > shownBytes ? "\"\(shown)\"… (\(bytes.count) bytes)" : "\"\(shown)\""
    }
}
