internal import ShaleEngine

/// A number of damages, each of which is made alone.
public protocol DamageRun {
    /// How many.
    var count: Int { get }
    /// What became of those that were made, by what was damaged.
    var tally: Tally { get }
    /// What the damage with a number is.
    func describe(_ number: Int) -> String
    /// Does the damage, and looks.
    mutating func run(_ number: Int) throws
}

/// How often what was found.
public struct Tally: Sendable {
    /// By row of the table and finding.
    public private(set) var rows: [String: [String: Int]] = [:]

    mutating func add(_ row: String, _ finding: Finding) {
        rows[row, default: [:]][finding.rawValue, default: 0] += 1
    }

    /// How often in all.
    public func count(_ finding: Finding) -> Int {
        rows.values.reduce(0) { $0 + ($1[finding.rawValue] ?? 0) }
    }
}

/// Flips bits of an image one by one, and counts what becomes of them.
public struct FlipRun: DamageRun, Sendable {
    private let image: DatabaseImage
    private let space: FlipSpace
    /// What became of those that were made.
    public private(set) var tally = Tally()

    /// Prepares to flip.
    public init(_ image: DatabaseImage) throws {
        self.image = image
        space = try FlipSpace(image)
    }

    /// How many there are.
    public var count: Int { space.count }

    /// Some bits of each part of each file.
    public func spread(eachPart wanted: Int) -> [Int] { space.spread(eachPart: wanted) }

    /// What the damage with a number is.
    public func describe(_ number: Int) -> String {
        let flip = space[number]
        return
            "\(image.files[flip.file].name), offset \(flip.offset), bit \(flip.bit) (\(flip.part))"
    }

    /// Does the damage, and looks.
    public mutating func run(_ number: Int) throws {
        let flip = space[number]
        let file = image.files[flip.file]
        var bytes = file.bytes
        bytes[flip.offset] ^= 1 << UInt8(flip.bit)
        let isProven = flip.offset < file.provenBytes
        let examination = Examination(
            image: image,
            allowance: isProven ? .whole : .tornTail,
            name: file.name
        )
        // Of a segment verification reads what opening reads, by the same code.
        let verifies = file.kind != "log" || number % 17 == 0
        let finding = try examination.examine(flip.file, bytes, verifies: verifies)
        // Opening for writing reads nothing more of runs and blobs, and is slow.
        if !file.isOfRuns, number % 31 == 0 || file.name == "MANIFEST" && number % 3 == 0 {
            try examination.examineReopening(flip.file, bytes)
        }
        tally.add("\(file.kind): \(flip.part)\(isProven ? "" : ", not proven")", finding)
    }
}

extension DatabaseImage.File {
    /// "run" of "000012.run".
    var kind: String {
        let parts = name.utf8.split(separator: UInt8(ascii: "."))
        return parts.count == 2 ? String(decoding: parts[1], as: UTF8.self) : name
    }

    var isOfRuns: Bool { kind == "run" || kind == "blob" }
}
