import ShaleItems
@testable import ShaleTables
import Synchronization
import Testing

struct LiveTableTests {
    static func withTable(_ body: (LiveTable) async throws -> Void) async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            try await body(try database.catalog.table("Songs"))
        }
    }

    @Test func `a new version waits for the writers of older ones only`() async throws {
        try await Self.withTable { table in
            let first = try table.enter()
            let second = try table.enter()
            var changed = table.definition
            changed.deletionProtection = true
            let isPublished = Mutex(false)
            async let publishing: Void = {
                await table.publish(changed)
                isPublished.withLock { $0 = true }
            }()
            while !table.definition.deletionProtection { await Task.yield() }
            let third = try table.enter()
            #expect(third.definition.deletionProtection)
            table.leave(first)
            #expect(!isPublished.withLock { $0 })
            table.leave(second)
            await publishing
            #expect(isPublished.withLock { $0 })
            table.leave(third)
        }
    }

    @Test func `a retired table lets nobody in`() async throws {
        try await Self.withTable { table in
            await table.retire()
            let error = await failure { _ = try table.enter() }
            #expect(error?.code == .resourceNotFound)
        }
    }

    @Test func `changes come one at a time, and who waits gets the next turn`() async throws {
        try await Self.withTable { table in
            try await table.beginChange()
            let error = await failure { try await table.beginChange() }
            #expect(error?.code == .resourceInUse)
            async let waiting: Void = table.awaitChange()
            table.endChange()
            await waiting
            // Work in the background is waited for, and then it is a request's turn again.
            async let request: Void = table.beginChange()
            table.endChange()
            try await request
            let still = await failure { try await table.beginChange() }
            #expect(still?.code == .resourceInUse)
            table.endChange()
        }
    }
}
