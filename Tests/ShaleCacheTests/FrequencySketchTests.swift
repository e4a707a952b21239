import Testing

@testable import ShaleCache

/// How often keys were asked for, roughly.
struct FrequencySketchTests {
    private func hash(_ number: Int) -> UInt64 {
        var mixed = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
        mixed ^= mixed >> 29
        return mixed &* 0xBF58_476D_1CE4_E5B9
    }

    @Test
    func `a frequency is never too low, and seldom too high`() {
        var sketch = FrequencySketch(keys: 1_000)
        for key in 0..<1_000 { sketch.add(hash(key), key % 12, window: .max) }
        let frequencies = (0..<1_000).map { sketch.frequency(hash($0)) }
        #expect(frequencies.enumerated().allSatisfy { $1 >= $0 % 12 })
        let wrong = frequencies.enumerated().count { $1 > $0 % 12 }
        #expect(wrong < 50, "\(wrong) of 1000 are too high")
    }

    @Test
    func `what is old counts half`() {
        var sketch = FrequencySketch(keys: 100)
        sketch.add(hash(1), 12, window: 100)
        for key in 2..<90 { sketch.add(hash(key), 1, window: 100) }
        #expect(sketch.frequency(hash(1)) == 6)
    }

    @Test
    func `no counter runs over into its neighbour`() {
        var sketch = FrequencySketch(keys: 16)
        for _ in 0..<100 { sketch.add(hash(5), 7, window: .max) }
        #expect(sketch.frequency(hash(5)) == FrequencySketch.most)
        let others = (10..<20).count { sketch.frequency(hash($0)) > 0 }
        #expect(others < 5)
    }
}
