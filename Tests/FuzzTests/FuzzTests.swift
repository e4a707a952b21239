import FuzzTargets
import ShalePlatform
import Testing

/// Every decoder takes what its corpus holds, and what a seed makes of it.
struct FuzzTests {
    private static let directory: String = {
        let names = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return names.dropLast().joined(separator: "/") + "/Corpus"
    }()

    /// What `Tools/fuzz --keep` has kept: inputs one after the other, each behind its length.
    private func corpus(_ target: FuzzTarget) throws -> [[UInt8]] {
        let world = World.posix()
        defer { world.scheduler.shutDown() }
        let path = "\(Self.directory)/\(target.rawValue)"
        guard try world.files.kind(of: path) == .file else { return [] }
        let file = try world.files.open(path, .read)
        defer { file.close() }
        let bytes = try file.read(at: 0, count: file.sizeBytes())
        var inputs: [[UInt8]] = []
        var start = 0
        while start + 2 <= bytes.count {
            let end = start + 2 + Int(bytes[start]) + Int(bytes[start + 1]) << 8
            try #require(end <= bytes.count, "the corpus is whole")
            inputs.append(Array(bytes[(start + 2)..<end]))
            start = end
        }
        return inputs
    }

    @Test(arguments: FuzzTarget.allCases)
    func `a decoder returns whatever it gets`(target: FuzzTarget) async throws {
        let inputs = target.seeds + (try corpus(target))
        #expect(!inputs.isEmpty)
        for input in inputs { await target.run(input) }
        var mutator = Mutator(seed: 1)
        for _ in 0..<300 { await target.run(mutator.next(from: inputs)) }
    }

    /// A mutator that changes nothing would find nothing.
    @Test func `a mutator changes what it gets, and the same seed does the same`() {
        var first = Mutator(seed: 7)
        var second = Mutator(seed: 7)
        let corpus: [[UInt8]] = [[1, 2, 3, 4], [5, 6]]
        let made = (0..<100).map { _ in first.next(from: corpus) }
        #expect(made == (0..<100).map { _ in second.next(from: corpus) })
        #expect(Set(made).count > 50)
    }
}
