/// Explains every byte of a manifest, in the order of the file: for `shale inspect`.
enum ManifestInspector {
    static func parts(of bytes: [UInt8]) -> [FilePart] {
        let headerEnd = min(bytes.count, ManifestFormat.headerSize)
        let reader: ManifestReader
        do throws(EngineError) {
            reader = try ManifestReader(salvaging: bytes)
        } catch {
            let header = FilePart(0..<headerEnd, "header", [error.reason], isDamaged: true)
            guard headerEnd < bytes.count else { return [header] }
            let rest = FilePart(
                headerEnd..<bytes.count,
                "groups of edits",
                ["their checksums begin with that of the header, so none can be trusted"],
                isDamaged: true
            )
            return [header, rest]
        }
        var parts = [FilePart(0..<headerEnd, "header", lines(of: reader.header))]
        for group in reader.groups { parts.append(part(of: group)) }
        if let stop = reader.stop {
            parts.append(
                FilePart(
                    reader.end..<bytes.count,
                    "broken end",
                    [
                        stop.reason,
                        "reading ends here: a crash while the group was written, or damage",
                    ],
                    isDamaged: true
                )
            )
        }
        return parts
    }

    private static func lines(of header: ManifestHeader) -> [String] {
        [
            "magic SHALEMAN",
            "format version \(ManifestFormat.version)",
            "identity of the database \(header.database)",
            "generation \(header.generation)",
            "clock \(header.clock)",
            "checksum \(Hexadecimal.text(header.checksum)) ok",
        ]
    }

    private static func part(of group: ManifestReader.Group) -> FilePart {
        let count = group.edits.count
        let head = "checksum \(Hexadecimal.text(group.checksum)) ok, follows the group before it"
        return FilePart(
            group.offset..<(group.offset + group.sizeBytes),
            "group of \(count) edit\(count == 1 ? "" : "s")",
            [head] + group.edits.flatMap(\.words)
        )
    }
}
