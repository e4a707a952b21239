import Shale
import Synchronization
import Testing

/// Closures that take and answer values of the program's own types.
struct TypedFunctionsTests {
    private struct Order: Codable, Sendable, Equatable {
        var id: String
        var cents: Int
        var share: Double?
        var lines: [Line] = []
        var isPaid = false

        struct Line: Codable, Sendable, Equatable {
            var name: String
            var counts: [String: Int]
        }
    }

    private struct Receipt: Codable, Equatable { var text: String }
    private struct Bytes: Codable { var bytes: [UInt8] }

    private static func run(
        _ body: (DatabaseFunctions) async throws -> Void
    ) async throws {
        let database = try await Database.inMemory()
        let functions = try await database.functions()
        try await functions.resume()
        try await body(functions)
        await functions.stop()
        try await database.close()
    }

    @Test func `a closure takes a value and answers one`() async throws {
        try await Self.run { functions in
            try await functions.register("charge") { (order: Order, call) in
                Receipt(text: "\(order.cents) cents for \(order.id)")
            }
            let order = Order(id: "a", cents: 5)
            let receipt = try await functions.invoke("charge", with: order, as: Receipt.self)
            #expect(receipt == Receipt(text: "5 cents for a"))
            let json = try await functions.invoke(
                "charge",
                Array(#"{"id":"b","cents":7,"lines":[],"isPaid":true}"#.utf8)
            )
            #expect(String(decoding: json, as: UTF8.self) == #"{"text":"7 cents for b"}"#)
        }
    }

    @Test(arguments: [
        Order(id: "", cents: .min), Order(id: "ä\"\\", cents: .max, share: 0.1, isPaid: true),
        Order(id: "x", cents: 0, share: -2.5e100, lines: [.init(name: "l", counts: ["a": 1])]),
    ])
    private func `what goes in comes out`(order: Order) async throws {
        try await Self.run { functions in
            try await functions.register("echo") { (order: Order, _) in order }
            #expect(try await functions.invoke("echo", with: order, as: Order.self) == order)
        }
    }

    @Test func `an event is a value, too`() async throws {
        try await Self.run { functions in
            let (events, told) = AsyncStream.makeStream(of: Order.self)
            try await functions.register("keep") { (order: Order, _) in
                told.yield(order)
                return true
            }
            try await functions.send("keep", with: Order(id: "e", cents: 1))
            var iterator = events.makeAsyncIterator()
            #expect(await iterator.next() == Order(id: "e", cents: 1))
        }
    }

    @Test(arguments: [
        ("{}", "missing"), (#"{"id":1,"cents":1,"lines":[],"isPaid":false}"#, "id"),
        ("[", "No JSON"),
        (#"{"id":"a","cents":1.5,"lines":[],"isPaid":false}"#, "cents"),
    ])
    func `what is no value of the type is told to the caller, with the place`(
        payload: String,
        word: String
    ) async throws {
        try await Self.run { functions in
            try await functions.register("charge") { (order: Order, _) in order.id }
            await #expect {
                _ = try await functions.invoke("charge", Array(payload.utf8))
            } throws: { error in
                guard let failure = error as? FunctionFailure else { return false }
                return failure.code == .unhandled && failure.message.contains(word)
            }
        }
    }

    @Test func `what is no JSON, and an answer of another type, are refused by the call`()
        async throws
    {
        try await Self.run { functions in
            try await functions.register("number") { (_: Int, _) in 7 }
            await #expect {
                _ = try await functions.invoke("number", with: Bytes(bytes: [1]), as: Int.self)
            } throws: { ($0 as? FunctionFailure)?.code == .invalid }
            await #expect {
                _ = try await functions.invoke("number", with: 1, as: Receipt.self)
            } throws: { ($0 as? FunctionFailure)?.code == .invalid }
            #expect(try await functions.invoke("number", with: 1, as: Int.self) == 7)
        }
    }
}
