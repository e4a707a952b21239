import ShalePlatform
import Simulation
import Testing

/// Objects in a directory: put whole, listed in order, and none outside.
struct DirectoryBucketTests {
    private func withBucket(_ body: (DirectoryBucket, World) throws -> Void) throws {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        try world.files.createDirectory("bucket")
        try body(DirectoryBucket("bucket", in: world), world)
    }

    private func code(_ body: () throws -> Void) -> BucketError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? BucketError)?.code
        }
    }

    @Test func `objects come back, are replaced, listed in order and deleted`() throws {
        try withBucket { bucket, world in
            for key in ["b/c/d", "a", "b/c", "b.txt", "b/ä"] where key != "b/c" {
                try bucket.put(key, Array(key.utf8))
            }
            #expect(try bucket.list(prefix: "") == ["a", "b.txt", "b/c/d", "b/ä"])
            #expect(try bucket.list(prefix: "b/") == ["b/c/d", "b/ä"])
            #expect(try bucket.list(prefix: "b") == ["b.txt", "b/c/d", "b/ä"])
            #expect(try bucket.list(prefix: "b/c/d/e") == [])
            try bucket.put("a", [1, 2, 3])
            #expect(try bucket.sizeBytes(of: "a") == 3)
            #expect(try bucket.read("a", at: 1, count: 9) == [2, 3])
            try bucket.delete("a")
            try bucket.delete("a")
            #expect(code { _ = try bucket.read("a", at: 0, count: 1) } == .notFound)
            #expect(try world.files.list("bucket") == ["b", "b.txt"])
        }
    }

    @Test(arguments: [
        "", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/..", "a\u{0}b",
        ".shale-put-1", "a/.shale-put-1", String(repeating: "x", count: 256),
        String(repeating: "x/", count: 600) + "x",
    ])
    func `no key leaves the directory`(key: String) throws {
        try withBucket { bucket, world in
            #expect(code { try bucket.put(key, [1]) } == .invalidKey)
            #expect(code { _ = try bucket.read(key, at: 0, count: 1) } == .invalidKey)
            #expect(code { try bucket.delete(key) } == .invalidKey)
            let names = try world.files.list("bucket")
            #expect(names.isEmpty)
        }
    }

    @Test func `what an interruption has left is not listed`() throws {
        try withBucket { bucket, world in
            _ = try world.files.open("bucket/.shale-put-7", .create)
            try bucket.put("a", [1])
            #expect(try bucket.list(prefix: "") == ["a"])
        }
    }

    @Test(arguments: ["a", "b/c"])
    func `what an interruption has left of an object goes, and nothing else`(key: String) throws {
        let simulation = SimulatedWorld(seed: 1)
        try simulation.files.createDirectory("bucket")
        let other = DirectoryBucket("bucket", in: simulation.world)
        try other.put("b/other", [1])
        // The file is made and written; then the process ends.
        simulation.disk.cutPower(afterOperations: 2)
        #expect(code { try other.put(key, [1, 2, 3]) } == .failed)
        simulation.crash(.killProcess)
        let bucket = DirectoryBucket("bucket", in: simulation.world)
        func names() throws -> [String] {
            try (simulation.files.list("bucket") + simulation.files.list("bucket/b")).sorted()
        }
        let left = try names()
        #expect(left.count == 3)
        for key in ["other", "b/x", "c/d"] { try bucket.discardPartial(key) }
        #expect(try names() == left)
        try bucket.discardPartial(key)
        #expect(try names() == ["b", "other"])
        #expect(try bucket.list(prefix: "") == ["b/other"])
    }

    @Test func `an object lasts in a directory that a killed process had just made`() throws {
        let simulation = SimulatedWorld(seed: 1)
        try simulation.files.createDirectory("bucket")
        try simulation.files.syncDirectory(".")
        // The directory is made; then the process ends.
        simulation.disk.cutPower(afterOperations: 1)
        let first = DirectoryBucket("bucket", in: simulation.world)
        #expect(code { try first.put("a/b", [1]) } == .failed)
        simulation.crash(.killProcess)
        #expect(try simulation.files.kind(of: "bucket/a") == .directory)
        try DirectoryBucket("bucket", in: simulation.world).put("a/b", [2])
        simulation.crash(.dropUnsynced)
        let bucket = DirectoryBucket("bucket", in: simulation.world)
        #expect(try bucket.read("a/b", at: 0, count: 9) == [2])
    }
}
