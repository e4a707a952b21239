import Testing

@testable import ShaleBytes

struct FrameIndexTests {
    private func frame(_ key: UInt64) -> Frame {
        let body = [UInt8(truncatingIfNeeded: key), 1, 2]
        return unsafe Frame(key: key, copying: body.span.bytes)
    }

    private func index(upTo most: Int) -> FrameIndex {
        FrameIndex(bucketsUpTo: most) { $0 % 2 == 0 ? 0 : 1 << 32 }
    }

    /// Keys of one bucket, with two tags between them: four lie in it, the others in a chain.
    @Test(arguments: [
        [0, 1, 2, 3, 4, 5, 6, 7], [7, 6, 5, 4, 3, 2, 1, 0], [2, 0, 4, 1, 3, 7, 5, 6],
        [3, 3, 4, 5, 6, 7, 0, 1, 2],
    ])
    func `frames leave a bucket in any order and the others stay`(order: [Int]) {
        let index = index(upTo: 16)
        let frames = (0..<8).map { frame(UInt64($0)) }
        func mixed(_ key: Int) -> UInt64 { key % 2 == 0 ? 0 : 1 << 32 }
        for key in 0..<8 { index.insert(frames[key], mixed: mixed(key)) }
        var left = Set(0..<8)
        for gone in order {
            if left.remove(gone) != nil { index.remove(frames[gone], mixed: mixed(gone)) }
            for key in 0..<8 {
                let isFound = index.find(UInt64(key), mixed: mixed(key)) != nil
                #expect(isFound == left.contains(key))
            }
        }
        for key in 0..<8 { index.insert(frames[key], mixed: mixed(key)) }
        for key in 0..<8 { #expect(index.find(UInt64(key), mixed: mixed(key)) != nil) }
        for frame in frames { frame.free() }
    }

    @Test func `the table grows with what it holds, up to its limit, and finds everything`() {
        let mix: @Sendable (UInt64) -> UInt64 = { $0 &* 0x9E37_79B9_7F4A_7C15 ^ $0 << 32 }
        let index = FrameIndex(bucketsUpTo: 512, mixing: mix)
        let first = index.sizeBytes
        var frames: [Frame] = []
        for key in 0..<UInt64(4_000) {
            frames.append(frame(key))
            index.insert(frames[Int(key)], mixed: mix(key))
            if key % 97 == 0 {
                for other in 0...key {
                    #expect(index.find(other, mixed: mix(other))?.bits == frames[Int(other)].bits)
                }
            }
        }
        #expect(index.find(4_000, mixed: mix(4_000)) == nil)
        #expect(index.sizeBytes == 512 * 32)
        #expect(first < index.sizeBytes)
        for key in stride(from: 0, to: UInt64(4_000), by: 3) {
            index.remove(frames[Int(key)], mixed: mix(key))
        }
        for key in 0..<UInt64(4_000) {
            #expect((index.find(key, mixed: mix(key)) == nil) == (key % 3 == 0))
        }
        for frame in frames { frame.free() }
    }

    @Test func `a frame holds what it was given`() {
        let frame = frame(7)
        frame.layout = Frame.Layout(kind: 1, first: 2, second: 3)
        #expect(frame.key == 7)
        #expect(frame.body.copied() == [7, 1, 2])
        #expect(frame.layout.second == 3)
        for _ in 0..<9 { frame.noteHit() }
        #expect(frame.hits == 3)
        frame.free()
    }

    @Test func `a block that is not LZ4 makes no frame`() {
        let bytes: [UInt8] = [0xFF, 0xFF, 0xFF]
        #expect(throws: LZ4.Malformed.self) {
            _ = try unsafe Frame(key: 1, decompressing: bytes.span.bytes, count: 300)
        }
    }

    @Test func `a key is put together over and over`() {
        var buffer = KeyBuffer(capacity: 8)
        let prefix: [UInt8] = [1, 2, 3]
        let long = [UInt8](repeating: 9, count: 100)
        prefix.withLentBytes { buffer.replace(from: 0, with: $0) }
        long.withLentBytes { buffer.replace(from: 3, with: $0) }
        #expect(buffer.lent.copied() == prefix + long)
        [UInt8]().withLentBytes { buffer.replace(from: 3, with: $0) }
        #expect(buffer.lent.copied() == prefix)
    }
}
