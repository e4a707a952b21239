public import ShaleEngine
internal import ShalePlatform
internal import Simulation

/// The bits of an image, numbered one after the other.
public struct FlipSpace: Sendable {
    private struct Stretch: Sendable {
        var file: Int
        var start: Int
        var count: Int
        var first: Int
        /// Every so many-th bit.
        var step: Int
        var part: String
    }

    /// Of the file that holds nothing and that nobody reads: no multiple of 8, so that each bit of a byte comes.
    private static let stepInReserve = 511

    /// A bit.
    public struct Flip: Sendable {
        /// The place of the file in the image.
        public var file: Int
        /// The byte.
        public var offset: Int
        /// Which of its bits.
        public var bit: Int
        /// What lies there.
        public var part: String
    }

    private var stretches: [Stretch] = []
    /// How many there are.
    public private(set) var count = 0

    /// The bits of an image.
    public init(_ image: DatabaseImage) throws(EngineError) {
        let simulation = image.world(nil, nil)
        for (index, file) in image.files.enumerated() {
            let path = "\(DatabaseImage.directory)/\(file.name)"
            for part in try FileInspector.parts(of: path, in: simulation.files) {
                let step = file.name == "RESERVE" ? Self.stepInReserve : 1
                add(index, part.offset, part.sizeBytes * 8 / step, step, Self.name(part.what))
            }
        }
    }

    private mutating func add(
        _ file: Int,
        _ start: Int,
        _ bits: Int,
        _ step: Int,
        _ part: String
    ) {
        guard bits > 0 else { return }
        stretches.append(
            Stretch(
                file: file,
                start: start,
                count: bits,
                first: count,
                step: step,
                part: part
            )
        )
        count += bits
    }

    /// The flip with a number.
    public subscript(number: Int) -> Flip {
        var low = 0
        var high = stretches.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if stretches[middle].first <= number { low = middle } else { high = middle }
        }
        let stretch = stretches[low]
        let place = (number - stretch.first) * stretch.step
        return Flip(
            file: stretch.file,
            offset: stretch.start + place / 8,
            bit: place % 8,
            part: stretch.part
        )
    }

    /// The name of a part without its numbers.
    private static func name(_ what: String) -> String {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let digit = what.utf8.firstIndex(where: { digits.contains($0) }) else { return what }
        return what[..<digit].split(separator: " ").joined(separator: " ")
    }

    /// Some bits of each part, spread over it.
    public func spread(eachPart wanted: Int) -> [Int] {
        stretches.flatMap { stretch in
            (0..<wanted).map { stretch.first + ($0 * 2 + 1) * stretch.count / (wanted * 2) }
        }
    }
}
