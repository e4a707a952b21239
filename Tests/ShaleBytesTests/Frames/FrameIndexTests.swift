import Testing

@testable import ShaleBytes

struct FrameIndexTests {
    private func frame(_ key: UInt64) -> Frame {
        let body = [UInt8(truncatingIfNeeded: key), 1, 2]
        return unsafe Frame(key: key, copying: body.span.bytes)
    }

    /// All keys in one bucket, so that every frame is in one chain.
    @Test(arguments: [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3]])
    func `frames leave a chain in any order and the others stay`(order: [Int]) {
        let index = FrameIndex(bucketsAtLeast: 64)
        let frames = (0..<5).map { frame(UInt64($0)) }
        for frame in frames { index.insert(frame, mixed: 0) }
        var left = Set(0..<5)
        for gone in order {
            index.remove(frames[gone], mixed: 0)
            left.remove(gone)
            for key in 0..<5 {
                let isFound = index.find(UInt64(key), mixed: 0) != nil
                #expect(isFound == left.contains(key))
            }
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
