import ShaleCapacity
import Testing

@Suite struct CapacityTests {
    @Test(arguments: [
        (0, CapacityRules.Consistency.eventual, 0.5), (1, .eventual, 0.5), (4_096, .eventual, 0.5),
        (4_097, .eventual, 1), (0, .strong, 1), (4_096, .strong, 1), (4_097, .strong, 2),
        (409_600, .strong, 100), (1, .transactional, 2), (4_097, .transactional, 4),
    ])
    func `reads cost steps of 4 KB`(
        bytes: Int,
        consistency: CapacityRules.Consistency,
        units: Double
    ) {
        #expect(CapacityRules.read(itemBytes: bytes, consistency).value == units)
    }

    @Test func `a page is rounded once, not item by item`() {
        let sizes = Array(repeating: 100, count: 40)
        let page = CapacityRules.readPage(totalBytes: sizes.reduce(0, +), .strong)
        #expect(page == CapacityUnits(1))
    }

    @Test(
        arguments: [
            (nil, 1, 1), (nil, 1_024, 1), (nil, 1_025, 2), (3_000, 10, 3), (10, 3_000, 3),
            (nil, nil, 1), (2_048, nil, 2),
        ] as [(Int?, Int?, Int)]
    )
    func `writes cost steps of 1 KB of the larger size`(old: Int?, new: Int?, units: Int) {
        #expect(CapacityRules.write(oldBytes: old, newBytes: new) == CapacityUnits(units))
        #expect(
            CapacityRules.write(oldBytes: old, newBytes: new, .transactional)
                == CapacityUnits(2 * units)
        )
    }

    @Test(
        arguments: [
            (.none, 0), (.inserted(newBytes: 1_500), 2), (.deleted(oldBytes: 10), 1),
            (.updated(oldBytes: 10, newBytes: 2_000), 2),
            (.moved(oldBytes: 10, newBytes: 2_000), 3),
        ] as [(CapacityRules.IndexChange, Int)]
    )
    func `an index entry costs what happens to it`(change: CapacityRules.IndexChange, units: Int) {
        #expect(CapacityRules.indexWrite(change) == CapacityUnits(units))
    }

    @Test func `the total is the sum of the parts`() {
        var consumed = ConsumedCapacity(tableName: "t", table: CapacityUnits(halves: 1))
        consumed.add(
            ConsumedCapacity(
                tableName: "t",
                table: CapacityUnits(1),
                localIndexes: ["l": CapacityUnits(2)],
                globalIndexes: ["g": CapacityUnits(3), "h": CapacityUnits(halves: 1)]
            )
        )
        #expect(consumed.total.value == 7)
        #expect(consumed.table.value == 1.5)
    }
}
