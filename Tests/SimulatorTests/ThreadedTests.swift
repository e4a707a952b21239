import Foundation
import Simulator
import Testing

/// The same calls on real threads and files.
struct ThreadedTests {
    @Test(arguments: 1...4 as ClosedRange<UInt64>, [0, 4_000, 4 << 20])
    func `calls of many threads on a few items have an order`(
        seed: UInt64,
        cacheBytes: Int
    ) async throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("shale-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let result: Result<Int, any Error>
        do {
            result = .success(
                try await ThreadedRun(seed: seed, tasks: 6, calls: 150, cacheBytes: cacheBytes).run(
                    in: "\(directory.path)/db"
                )
            )
        } catch {
            result = .failure(error)
        }
        try FileManager.default.removeItem(at: directory)
        #expect(try result.get() == 6 * 150)
    }
}
