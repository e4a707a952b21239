internal import ShaleEngine
internal import Simulation

/// Larger damage: files that are gone or cut off, and sectors that are lost, exchanged or written twice.
public struct FileDamageRun: DamageRun, Sendable {
    private enum Damage: Sendable {
        case missing
        case cutOff(to: Int)
        case longer(by: Int)
        case zeroed(Range<Int>)
        /// The sector at the first offset is exchanged with the one at the second.
        case exchanged(Int, Int)
        /// The sector at the first offset stands at the second one as well.
        case twice(Int, Int)
    }

    private let images: [DatabaseImage]
    private var damages: [(image: Int, file: Int, damage: Damage)] = []
    /// What became of those that were made.
    public private(set) var tally = Tally()

    private static let sectorSizes = [512, 4096]

    /// Prepares all damages of the images.
    public init(_ images: [DatabaseImage], seed: UInt64 = 1) {
        self.images = images
        var generator = SimulatedGenerator(seed: seed, stream: 43)
        for (index, image) in images.enumerated() {
            for (place, file) in image.files.enumerated() {
                let written = (file.bytes.lastIndex { $0 != 0 } ?? -1) + 1
                var damages: [Damage] = [.missing, .longer(by: 1), .longer(by: 4096)]
                damages += (0..<written).map { .cutOff(to: $0) }
                // Of the zeros behind, some.
                damages += stride(from: written, to: file.bytes.count, by: 511).map {
                    .cutOff(to: $0)
                }
                for size in Self.sectorSizes where written > 0 {
                    let starts = Array(stride(from: 0, to: written, by: size))
                    for start in starts {
                        damages.append(.zeroed(start..<min(start + size, file.bytes.count)))
                    }
                }
                let starts = Array(stride(from: 0, to: written - 512, by: 512))
                for start in starts {
                    let other = starts[generator.below(starts.count)]
                    damages += [.exchanged(start, start + 512), .exchanged(start, other)]
                    damages += [.twice(start, start + 512), .twice(other, start)]
                }
                self.damages += damages.map { (index, place, $0) }
            }
        }
    }

    /// How many there are.
    public var count: Int { damages.count }

    /// What the damage with a number is.
    public func describe(_ number: Int) -> String {
        let (image, file, damage) = damages[number]
        return "image \(image), \(images[image].files[file].name), \(damage)"
    }

    /// Does the damage, and looks.
    public mutating func run(_ number: Int) throws {
        let (index, place, damage) = damages[number]
        let image = images[index]
        let file = image.files[place]
        let bytes = Self.apply(damage, to: file.bytes)
        guard bytes != file.bytes else { return }
        var examination = Examination(
            image: image,
            allowance: Self.allowance(damage, file),
            name: file.name
        )
        examination.mayBlameOthers =
            switch damage {
            case .missing: true
            case .cutOff: file.name == "MANIFEST"
            default: false
            }
        let finding = try examination.examine(place, bytes)
        if !file.isOfRuns { try examination.examineReopening(place, bytes) }
        tally.add("\(file.kind): \(Self.name(damage))", finding)
    }

    private static func apply(_ damage: Damage, to bytes: [UInt8]) -> [UInt8]? {
        var damaged = bytes
        switch damage {
        case .missing: return nil
        case .cutOff(let size): damaged.removeLast(bytes.count - size)
        case .longer(let count): damaged += [UInt8](repeating: 0x5A, count: count)
        case .zeroed(let range):
            damaged.replaceSubrange(range, with: repeatElement(0, count: range.count))
        case .exchanged(let first, let second):
            for offset in 0..<512 where second + offset < bytes.count {
                damaged.swapAt(first + offset, second + offset)
            }
        case .twice(let first, let second):
            for offset in 0..<512 where second + offset < bytes.count {
                damaged[second + offset] = bytes[first + offset]
            }
        }
        return damaged
    }

    /// What damage that reaches behind the proven bytes has destroyed may have been the proof.
    private static func allowance(_ damage: Damage, _ file: DatabaseImage.File) -> Allowance {
        let end =
            switch damage {
            case .missing: 0
            case .cutOff: file.name == "MANIFEST" ? file.provenBytes + 1 : 0
            case .longer: 0
            case .zeroed(let range): range.upperBound
            case .exchanged(let first, let second), .twice(let first, let second):
                max(first, second) + 512
            }
        if case .missing = damage { return .missing }
        if case .cutOff(let size) = damage, file.name == "MANIFEST" {
            return size >= file.provenBytes ? .tornTail : .whole
        }
        return end > file.provenBytes ? .anyTail : .whole
    }

    private static func name(_ damage: Damage) -> String {
        switch damage {
        case .missing: "missing"
        case .cutOff: "cut off"
        case .longer: "longer"
        case .zeroed(let range): "sector of \(range.count > 512 ? 4096 : 512) zeroed"
        case .exchanged: "sectors exchanged"
        case .twice: "a sector twice"
        }
    }
}
