import Shale
import Synchronization
import Testing

/// Closures as functions of an embedded database.
struct FunctionEmbeddingTests {
    private struct Refused: Error {}

    @Test func `a closure answers by its name, takes events, and is there when the program is`()
        async throws
    {
        let database = try await Database.inMemory()
        let functions = try await database.functions()
        let (events, told) = AsyncStream.makeStream(of: [UInt8].self)
        try await functions.register("echo", description: "echoes") { call in
            told.yield(call.payload)
            return call.payload
        }
        try await functions.register("odd") { _ in throw Refused() }
        try await functions.resume()
        #expect(try await functions.names() == ["echo", "odd"])
        #expect(try await functions.invoke("echo", [1]) == [1])
        try await functions.send("echo", [2])
        var iterator = events.makeAsyncIterator()
        #expect(await iterator.next() == [1])
        #expect(await iterator.next() == [2])
        let failures: [(String, FunctionFailure.Code)] = [("odd", .unhandled), ("none", .notFound)]
        for (name, code) in failures {
            await #expect { _ = try await functions.invoke(name, []) } throws: { error in
                (error as? FunctionFailure)?.code == code
            }
        }
        try await functions.delete("odd")
        #expect(try await functions.names() == ["echo"])
        await functions.stop()
        try await database.close()
    }
}
