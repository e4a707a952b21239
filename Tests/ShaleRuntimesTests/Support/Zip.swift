import ShaleBytes

/// Archives as tests make them: every file stored.
enum Zip {
    private static func little(_ number: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }

    /// An archive of executable texts, by their names.
    static func archive(_ files: [(name: String, text: String)], mode: Int = 0o100755) -> [UInt8] {
        var zip: [UInt8] = []
        var directory: [UInt8] = []
        for (name, text) in files {
            let (name, bytes) = (Array(name.utf8), Array(text.utf8))
            let start = zip.count
            zip += little(0x0403_4B50, 4) + [UInt8](repeating: 0, count: 22)
            zip += little(name.count, 2) + little(0, 2) + name + bytes
            directory += little(0x0201_4B50, 4) + [UInt8](repeating: 0, count: 12)
            directory += little(Int(Zlib.crc32(bytes)), 4)
            directory += little(bytes.count, 4) + little(bytes.count, 4) + little(name.count, 2)
            directory += [UInt8](repeating: 0, count: 8) + little(mode << 16, 4)
            directory += little(start, 4) + name
        }
        let start = zip.count
        zip += directory
        zip += little(0x0605_4B50, 4) + little(0, 4) + little(files.count, 2)
        return zip + little(files.count, 2) + little(directory.count, 4) + little(start, 4)
            + little(0, 2)
    }
}
