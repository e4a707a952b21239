import ShaleCapacity
import Testing

@Suite struct TableCapacityTests {
    typealias Limits = TableCapacity.Limits

    static func admit(
        _ capacity: inout TableCapacity,
        _ direction: TableCapacity.Direction,
        _ resource: TableCapacity.Resource = .table,
        range: UInt64? = nil,
        at second: Double
    ) -> String? {
        capacity.admit(
            direction,
            resource,
            in: range.map { KeyRange(partitionHash: $0 << 48) },
            least: CapacityUnits(1),
            at: seconds(second)
        )?.reason
    }

    @Test(
        arguments: [
            (.table, .read, "TableReadProvisionedThroughputExceeded"),
            (.table, .write, "TableWriteProvisionedThroughputExceeded"),
            (.index("i"), .read, "IndexReadProvisionedThroughputExceeded"),
            (.index("i"), .write, "IndexWriteProvisionedThroughputExceeded"),
        ] as [(TableCapacity.Resource, TableCapacity.Direction, String)]
    )
    func `each direction of each resource has a bucket of its own`(
        resource: TableCapacity.Resource,
        direction: TableCapacity.Direction,
        reason: String
    ) {
        let limits = Limits(reads: FlowLimits(provisioned: 1), writes: FlowLimits(provisioned: 1))
        var capacity = TableCapacity([.table: limits, .index("i"): limits], at: seconds(0))
        capacity.take(CapacityUnits(300), direction, resource, in: nil, at: seconds(0))
        for other in [TableCapacity.Resource.table, .index("i")] {
            for way in TableCapacity.Direction.allCases {
                let refused = Self.admit(&capacity, way, other, at: 0)
                #expect(refused == (other == resource && way == direction ? reason : nil))
            }
        }
    }

    @Test
    func `the least is taken when a request is admitted, so that many at once do not all pass`() {
        var capacity = TableCapacity(
            [.table: Limits(writes: FlowLimits(provisioned: 1))],
            at: seconds(0)
        )
        let admitted = (0..<1_000).count { _ in Self.admit(&capacity, .write, at: 0) == nil }
        #expect(admitted == 300)
        #expect(capacity.taken(.write, .table) == CapacityUnits(300))
    }

    @Test func `what has no limits admits everything`() {
        var capacity = TableCapacity([.table: Limits(writes: FlowLimits(provisioned: 1))], at: 0)
        for _ in 0..<1_000 {
            let result = Self.admit(&capacity, .read, at: 0)
            #expect(result == nil)
            let result2 = Self.admit(&capacity, .write, .index("i"), at: 0)
            #expect(result2 == nil)
        }
    }

    @Test func `a maximum of a table paid by request allows a second of it at once`() {
        var capacity = TableCapacity(
            [.table: Limits(reads: FlowLimits(maximum: 5))],
            at: seconds(0)
        )
        let admitted = (0..<100).count { _ in Self.admit(&capacity, .read, at: 0) == nil }
        #expect(admitted == 5)
        let result = Self.admit(&capacity, .read, at: 0)
        #expect(result == "TableReadMaxOnDemandThroughputExceeded")
        let result2 = Self.admit(&capacity, .read, at: 1)
        #expect(result2 == nil)
    }

    @Test func `one hot key range is refused where the table has more`() {
        var capacity = TableCapacity(
            [.table: Limits(writes: FlowLimits(provisioned: 5_000, perKeyRange: 1_000))],
            at: seconds(0)
        )
        let admitted = (0..<3_000).count { _ in
            Self.admit(&capacity, .write, range: 1, at: 0) == nil
        }
        #expect(admitted == 1_000)
        let result = Self.admit(&capacity, .write, range: 1, at: 0)
        #expect(
            result == "TableWriteKeyRangeThroughputExceeded"
        )
        let result2 = Self.admit(&capacity, .write, range: 2, at: 0)
        #expect(result2 == nil)
    }

    @Test func `a table paid by request that grows too fast is refused as a range`() {
        var capacity = TableCapacity(
            [.table: Limits(writes: FlowLimits(rampStart: 4_000, perKeyRange: 1_000))],
            at: seconds(0)
        )
        let refused = (0..<8_000).compactMap { number in
            Self.admit(&capacity, .write, range: UInt64(number % 1_000), at: 0)
        }
        #expect(Set(refused) == ["TableWriteKeyRangeThroughputExceeded"])
        // Each of the thousand ranges has a share to which it is entitled, and that is paid back.
        #expect((3_000...4_000).contains(refused.count))
    }

    @Test func `other limits count at once, and bring no burst that was not saved`() {
        var capacity = TableCapacity(
            [.table: Limits(writes: FlowLimits(provisioned: 1))],
            at: seconds(0)
        )
        capacity.take(CapacityUnits(300), .write, .table, in: nil, at: seconds(0))
        capacity.change(
            to: [.table: Limits(writes: FlowLimits(provisioned: 100))],
            at: seconds(0)
        )
        let result = Self.admit(&capacity, .write, at: 0)
        #expect(result != nil)
        let admitted = (0..<1_000).count { _ in Self.admit(&capacity, .write, at: 1) == nil }
        #expect(admitted == 100)
        capacity.change(to: [:], at: seconds(1))
        let result2 = Self.admit(&capacity, .write, at: 1)
        #expect(result2 == nil)
    }

    @Test func `a table that becomes provisioned begins with a full bucket`() {
        var capacity = TableCapacity(
            [.table: Limits(writes: FlowLimits(rampStart: 4_000))],
            at: seconds(0)
        )
        capacity.take(CapacityUnits(10_000), .write, .table, in: nil, at: seconds(0))
        capacity.change(to: [.table: Limits(writes: FlowLimits(provisioned: 2))], at: seconds(0))
        let admitted = (0..<1_000).count { _ in Self.admit(&capacity, .write, at: 0) == nil }
        #expect(admitted == 600)
    }
}
