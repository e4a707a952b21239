internal import ShaleEngine
internal import ShalePlatform
internal import Simulation

/// Bits of a larger database, chosen by their numbers, each with the reads that can meet it.
///
/// To read a database of 16 MiB whole for each flip would take days, and most of it would read what is as it was.
/// So it is found out first which pieces of which files each get reads: from the trace of the simulated disk,
/// with nothing cached. Then, for each flip: the database is opened, the keys whose gets have read the
/// damaged place are read (at most 48 of them, others for each flip; where it is none, as in the manifest,
/// any), the neighbourhood of one of them is scanned, and the damaged file is verified.
public struct SampledFlipRun: DamageRun, Sendable {
    private let image: DatabaseImage
    private let space: FlipSpace
    /// Which gets read what lies at an offset of a file: by name, ascending.
    private let readers: [String: [(range: Range<Int>, probes: [Int])]]
    /// What became of those that were made.
    public private(set) var tally = Tally()

    private static let mostProbes = 48
    /// How many flips there are.
    public let count = 1_000_000

    /// Prepares to flip.
    public init(_ image: DatabaseImage) throws {
        self.image = image
        space = try FlipSpace(image)
        readers = try Self.readers(of: image)
    }

    /// Reads every key with nothing cached, and takes down which bytes that needs.
    private static func readers(
        of image: DatabaseImage
    ) throws -> [String: [(range: Range<Int>, probes: [Int])]] {
        var options = image.options
        options.memoryBudgetBytes = 0
        var found: [String: [Range<Int>: [Int]]] = [:]
        for (index, probe) in image.probes.enumerated() {
            // Anew each time, so that it reads what leads to the block as well. The world, too: what an
            // abandoned engine has in memory is let go of with it.
            let simulation = image.world(nil, nil, keepsEvents: true)
            defer { simulation.scheduler.shutDown() }
            let engine = try Engine.openBlocking(
                DatabaseImage.directory,
                options,
                access: .readOnly,
                in: simulation.world
            )
            let opened = simulation.trace.events.count
            _ = try engine.readBlocking { view throws(EngineError) in
                try view.get(image.tables[probe.table].id, probe.key)
            }
            engine.abandon()
            precondition(opened > 0, "an opening reads files")
            for event in simulation.trace.events[opened...] where event.kind == "read" {
                let start = Int(event.numbers[0])
                let range = start..<(start + Int(event.numbers[1]))
                let name = String(event.name.dropFirst(DatabaseImage.directory.count + 1))
                found[name, default: [:]][range, default: []].append(index)
            }
        }
        return found.mapValues { ranges in
            ranges.sorted { $0.key.lowerBound < $1.key.lowerBound }.map { ($0.key, $0.value) }
        }
    }

    private func flip(_ number: Int) -> (flip: FlipSpace.Flip, generator: SimulatedGenerator) {
        var generator = SimulatedGenerator(seed: UInt64(number), stream: 53)
        return (space[generator.below(space.count)], generator)
    }

    /// What the damage with a number is.
    public func describe(_ number: Int) -> String {
        let flip = flip(number).flip
        return
            "\(image.files[flip.file].name), offset \(flip.offset), bit \(flip.bit) (\(flip.part))"
    }

    /// Does the damage, and looks.
    public mutating func run(_ number: Int) throws {
        var (flip, generator) = flip(number)
        let file = image.files[flip.file]
        var bytes = file.bytes
        bytes[flip.offset] ^= 1 << UInt8(flip.bit)
        let isProven = flip.offset < file.provenBytes
        var examination = Examination(
            image: image,
            allowance: isProven ? .whole : .tornTail,
            name: file.name
        )
        examination.probes = probes(file.name, flip.offset, &generator)
        let finding = try examination.examineNearby(flip.file, bytes)
        tally.add("\(file.kind): \(flip.part)\(isProven ? "" : ", not proven")", finding)
    }

    /// Some of the keys whose gets read this byte; any, where no get does.
    private func probes(
        _ name: String,
        _ offset: Int,
        _ generator: inout SimulatedGenerator
    ) -> [DatabaseImage.Probe] {
        var near: [Int] = []
        for reader in readers[name] ?? [] where reader.range.contains(offset) {
            near += reader.probes
        }
        let chosen = near.isEmpty ? Array(image.probes.indices) : near
        guard chosen.count > Self.mostProbes else { return chosen.map { image.probes[$0] } }
        return (0..<Self.mostProbes).map { _ in
            image.probes[chosen[generator.below(chosen.count)]]
        }
    }
}
