import Testing

@testable import ShaleStateMachines

@Suite struct BoundedCacheTests {
    @Test func `the value that was not asked for longest goes first`() {
        var cache = BoundedCache<Int>(limit: 10)
        for (number, name) in ["a", "b", "c"].enumerated() {
            cache.keep(number, as: name, cost: 3)
        }
        #expect(cache.value("a") == 0)
        cache.keep(3, as: "d", cost: 4)
        #expect(cache.value("b") == nil)
        #expect(cache.value("a") == 0 && cache.value("c") == 2 && cache.value("d") == 3)
        #expect(cache.cost == 10)
        cache.keep(4, as: "e", cost: 11)
        #expect(cache.value("e") == nil && cache.cost == 10)
        cache.keep(5, as: "a", cost: 1)
        #expect(cache.value("a") == 5 && cache.cost == 8)
        cache.removeAll { $0 == 3 }
        #expect(cache.value("d") == nil && cache.cost == 4)
    }

    @Test func `what was read before a change is not kept behind it`() {
        var cache = MachineCache()
        let place = MachineCache.Place(machine: "m", choices: [])
        let before = cache.changes
        cache.keep(place, as: "arn", since: before)
        #expect(cache.place("arn") != nil)
        cache.forget("n")
        #expect(cache.place("arn") != nil)
        cache.forget("m")
        cache.keep(place, as: "arn", since: before)
        #expect(cache.place("arn") == nil)
    }
}
