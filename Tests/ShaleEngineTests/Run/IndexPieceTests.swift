import ShaleBytes
import Testing

@testable import ShaleEngine

/// The search in an index piece against a linear one, for keys that spread and keys that do not.
@Suite struct IndexPieceTests {
    enum Spread: CaseIterable, Sendable { case even, onePartition, fewPartitions, short, skewed }

    private func key(_ spread: Spread, _ generator: inout SeededGenerator) -> [UInt8] {
        let hashes: [UInt64] = [3, 1 << 40, .max]
        switch spread {
        case .even: return generator.bytes(20)
        case .onePartition:
            let sort = generator.bytes(Int.random(in: 0...12, using: &generator)).map { $0 & 1 }
            return EntryKey(hash: 99, partition: [1, 2, 3], sort: sort).bytes
        case .fewPartitions:
            let hash = hashes.randomElement(using: &generator) ?? 0
            let partition = generator.bytes(2).map { $0 & 1 }
            let sort = generator.bytes(Int.random(in: 0...3, using: &generator))
            return EntryKey(hash: hash, partition: partition, sort: sort).bytes
        case .short:
            return generator.bytes(Int.random(in: 0...10, using: &generator)).map { $0 & 1 }
        case .skewed:
            let shift = UInt64.random(in: 0..<64, using: &generator)
            return EntryKey(hash: generator.next() >> shift, partition: [], sort: []).bytes
        }
    }

    @Test(arguments: Spread.allCases, [1, 2, 3, 17, 400])
    func `the first child not before a key is found`(spread: Spread, count: Int) throws {
        var generator = SeededGenerator(seed: count)
        var keys: Set<[UInt8]> = []
        for _ in 0..<count { keys.insert(key(spread, &generator)) }
        let separators = keys.sorted { $0.lexicographicallyPrecedes($1) }
        var builder = IndexPieceBuilder(level: 1)
        for (index, separator) in separators.enumerated() {
            let pointer = PiecePointer(offset: UInt64(index), length: 9, checksum: 1)
            let filter = PiecePointer(offset: UInt64(index), length: 7, checksum: 2)
            builder.append(separator: separator, IndexChild(piece: pointer, filter: filter))
        }
        let body = builder.finish()
        let bytes = unsafe body.span.bytes
        let piece = try IndexPiece(checking: bytes)
        for (index, separator) in separators.enumerated() {
            #expect(Array(body[piece.separator(index, in: bytes)]) == separator)
            #expect(piece.child(index, in: bytes).piece.offset == UInt64(index))
            #expect(piece.child(index, in: bytes).filter.length == 7)
        }
        for _ in 0..<500 {
            let isMember = Bool.random(using: &generator)
            let sought =
                isMember
                ? separators.randomElement(using: &generator) ?? [] : key(spread, &generator)
            let wanted =
                separators.firstIndex { !$0.lexicographicallyPrecedes(sought) }
                ?? separators.count
            let found = unsafe piece.firstChild(notBefore: sought.span.bytes, in: bytes)
            #expect(found == wanted)
        }
    }
}
