import ArgumentParser

/// A number of bytes on the command line: "64MiB", "1GiB", "4096".
struct ByteSize: ExpressibleByArgument, CustomStringConvertible {
    var bytes: Int

    private static let units = ["KiB": 10, "MiB": 20, "GiB": 30, "TiB": 40]

    /// As many bytes.
    init(bytes: Int) { self.bytes = bytes }

    /// A whole number, and a unit or none for bytes.
    init?(argument: String) {
        let digits = argument.prefix { $0.isWholeNumber }
        let unit = argument.dropFirst(digits.count)
        guard let number = Int(digits), let shift = unit.isEmpty ? 0 : Self.units[String(unit)]
        else { return nil }
        let (bytes, isOver) = number.multipliedReportingOverflow(by: 1 << shift)
        guard !isOver else { return nil }
        self.bytes = bytes
    }

    var description: String {
        for (unit, shift) in Self.units.sorted(by: { $0.value > $1.value })
        where bytes > 0 && bytes % (1 << shift) == 0 {
            return "\(bytes >> shift)\(unit)"
        }
        return "\(bytes)"
    }
}
