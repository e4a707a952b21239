// The example of Docs/Following.md is what stands between the two marks: it is compiled and run here, and a
// script compares both texts.
import Testing

// README begin
import Shale

struct Order: Codable, Sendable {
    var customer: String
    var number: String
    var cents: Int
}

/// Follows the orders in three ways; all three go on where they were when the program runs again.
func followOrders(_ database: Database, to copy: Database) async throws -> [Follower] {
    let orders = try database.table("Orders")
    let totals = try database.table("Totals")
    let audit = try database.table("Audit")
    let replica = try copy.table("Orders")

    // A materialised view: what each customer has ordered. Exact, whatever crashes.
    let view = try await orders.follow(as: "totals") { changes, transaction in
        var cents: [String: Int] = [:]
        for change in changes {
            if let new = try change.new(Order.self) { cents[new.customer, default: 0] += new.cents }
            if let old = try change.old(Order.self) { cents[old.customer, default: 0] -= old.cents }
        }
        for (customer, difference) in cents {
            transaction.update(
                ["customer": .string(customer)],
                in: totals,
                "ADD cents :n",
                values: [":n": .number(Number(difference))]
            )
        }
    }

    // An audit log: what happened to each order, in order. Batches are small enough for a write for each change.
    var small = FollowOptions()
    small.batchSize = 50
    let log = try await orders.follow(as: "audit", small) { changes, transaction in
        for change in changes {
            var entry: Item = [
                "order": change.keys["number"] ?? .null,
                "sequence": .string(change.sequence.description),
                "what": .string(change.event.rawValue),
                "milliseconds": .number(Number(change.milliseconds)),
            ]
            if let old = change.oldImage { entry["before"] = .map(old) }
            transaction.put(entry, in: audit)
        }
    }

    // A replica in another database. Its writes are not of this transaction, so some may come twice after a crash, in the
    // same order: the replica ends as the table is.
    let replication = try await orders.follow(as: "replication") { changes, _ in
        for change in changes {
            if let new = change.newImage {
                try await replica.put(new)
            } else {
                try await replica.delete(change.keys)
            }
        }
    }
    return [view, log, replication]
}
// README end

struct FollowingExampleTests {
    private static func tables(_ database: Database) async throws {
        _ = try await database.createTable(
            "Orders",
            partitionKey: .string("customer"),
            sortKey: .string("number"),
            stream: .newAndOldImages
        )
        _ = try await database.createTable("Totals", partitionKey: .string("customer"))
        _ = try await database.createTable(
            "Audit",
            partitionKey: .string("order"),
            sortKey: .string("sequence")
        )
    }

    @Test func `totals, audit log and replica are what the orders were, also when all begins anew`()
        async throws
    {
        try await withTemporaryDirectory { directory in
            for round in 1...2 {
                let database = try await Database.open(at: "\(directory)/orders.shale")
                let copy = try await Database.open(at: "\(directory)/copy.shale")
                if round == 1 {
                    try await Self.tables(database)
                    try await Self.tables(copy)
                }
                let followers = try await followOrders(database, to: copy)
                let orders = try database.table("Orders")
                try await orders.put(Order(customer: "a", number: "\(round)", cents: 500))
                try await orders.put(Order(customer: "a", number: "\(round)", cents: 700))
                try await orders.put(Order(customer: "b", number: "\(round)", cents: 100))
                try await orders.delete(["customer": "b", "number": .string("\(round)")])
                for follower in followers { #expect(await follower.caughtUp()) }
                let totals = try database.table("Totals")
                #expect(
                    try await totals.get(["customer": "a"])?["cents"]
                        == .number(Number(700 * round))
                )
                #expect(try await totals.get(["customer": "b"])?["cents"] == 0)
                let audit = try database.table("Audit")
                var told: [AttributeValue?] = []
                let entries = audit.query(
                    "#o = :o",
                    names: ["#o": "order"],
                    values: [":o": .string("\(round)")]
                )
                for try await entry in entries { told.append(entry["what"]) }
                #expect(told == ["INSERT", "MODIFY", "INSERT", "REMOVE"])
                var copies: [AttributeValue?] = []
                for try await order in try copy.table("Orders").scan() {
                    copies.append(order["number"])
                }
                #expect(copies == (1...round).map { .string("\($0)") })
                try await database.close()
                try await copy.close()
            }
        }
    }
}
