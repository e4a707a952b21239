import Testing

@testable import ShaleBytes

/// Objects by key, in chains.
struct ObjectIndexTests {
    @Test(arguments: [1, 16, 40, 1_000])
    func `what is in is found, and what was taken out is not`(count: Int) {
        // Sixteen buckets: with more objects chains are long.
        let index = ObjectIndex(buckets: 16)
        let objects = (0..<count).map { (number: Int) -> KeyedObject in
            let key: [UInt8] = [UInt8(number & 255), UInt8(number >> 8)]
            // Few different hashes, so that keys decide.
            let hash = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
            return KeyedObject(space: UInt64(number % 3), key: key, hash: hash >> 60)
        }
        func isThere(_ object: KeyedObject) -> Bool {
            object.key.withLentBytes { key in
                index.find(object.space, key, hash: object.hash)?.with { $0 === object } ?? false
            }
        }
        for object in objects { index.insert(object) }
        #expect(objects.allSatisfy(isThere))
        for (number, object) in objects.enumerated() where number % 2 == 0 {
            #expect(index.remove(object) === object)
        }
        for (number, object) in objects.enumerated() {
            #expect(isThere(object) == (number % 2 == 1), "object \(number)")
        }
    }

    @Test
    func `the same key in another space is another object`() {
        let index = ObjectIndex(buckets: 1)
        index.insert(KeyedObject(space: 1, key: [7], hash: 9))
        let found = [UInt8(7)].withLentBytes { index.find(2, $0, hash: 9) != nil }
        #expect(!found)
    }

    @Test
    func `an index lets go of what it holds`() {
        weak var seen: KeyedObject?
        do {
            let index = ObjectIndex(buckets: 1)
            let object = KeyedObject(space: 1, key: [1], hash: 1)
            seen = object
            index.insert(object)
        }
        #expect(seen == nil)
    }

    @Test
    func `uses are counted up to a bound, and once`() {
        let object = KeyedObject(space: 1, key: [], hash: 1)
        for _ in 0..<40 { object.noteUse() }
        #expect(object.takeUses() == Int(KeyedObject.mostUses))
        #expect(object.takeUses() == 0)
    }
}
