/// W-TinyLFU as its authors describe it.
///
/// (G. Einziger, R. Friedman, B. Manes, "TinyLFU: A Highly Efficient Cache Admission
/// Policy", 2017): a window of a hundredth by latest use, then a segmented list, of which four fifths are
/// protected; a frequency sketch of four bits decides who stays. Written for comparison, not for speed.
package struct WindowTinyLFU: CachePolicy {
    private let windowCapacity: Int
    private let mainCapacity: Int
    private let protectedCapacity: Int
    private var window = RecencyList()
    private var probation = RecencyList()
    private var protected = RecencyList()
    private var sketch: Sketch

    package init(capacity: Int) {
        windowCapacity = max(1, capacity / 100)
        mainCapacity = capacity - windowCapacity
        protectedCapacity = mainCapacity * 4 / 5
        sketch = Sketch(capacity: capacity)
    }

    package mutating func use(_ key: UInt64) -> Bool {
        sketch.add(key)
        if window.contains(key) {
            window.touch(key)
            return true
        }
        if protected.contains(key) {
            protected.touch(key)
            return true
        }
        if probation.contains(key) {
            probation.remove(key)
            protected.insert(key)
            if protected.count > protectedCapacity, let demoted = protected.popOldest() {
                probation.insert(demoted)
            }
            return true
        }
        window.insert(key)
        if window.count > windowCapacity, let candidate = window.popOldest() { admit(candidate) }
        return false
    }

    private mutating func admit(_ candidate: UInt64) {
        guard probation.count + protected.count >= mainCapacity else {
            probation.insert(candidate)
            return
        }
        let isInProbation = probation.count > 0
        guard let victim = isInProbation ? probation.oldestKey : protected.oldestKey,
            sketch.frequency(candidate) > sketch.frequency(victim)
        else { return }
        if isInProbation { probation.remove(victim) } else { protected.remove(victim) }
        probation.insert(candidate)
    }

    /// Counters of four bits, one byte each: four rows of eight counters for each entry.
    private struct Sketch {
        private var rows: [[UInt8]]
        private let mask: UInt64
        private let sample: Int
        private var additions = 0

        init(capacity: Int) {
            var width = 16
            while width < 8 * capacity { width *= 2 }
            rows = Array(repeating: Array(repeating: 0, count: width), count: 4)
            mask = UInt64(width - 1)
            sample = 10 * capacity
        }

        private func column(_ key: UInt64, _ row: Int) -> Int {
            var mixed = (key ^ UInt64(row + 1) &* 0xA24B_AED4_963E_E407) &* 0x9FB2_1C65_1E98_DF25
            mixed ^= mixed >> 35
            return Int(mixed & mask)
        }

        func frequency(_ key: UInt64) -> UInt8 {
            (0..<4).map { rows[$0][column(key, $0)] }.min() ?? 0
        }

        mutating func add(_ key: UInt64) {
            for row in 0..<4 {
                let column = column(key, row)
                if rows[row][column] < 15 { rows[row][column] += 1 }
            }
            additions += 1
            guard additions >= sample else { return }
            additions /= 2
            for row in 0..<4 { rows[row] = rows[row].map { $0 / 2 } }
        }
    }
}
