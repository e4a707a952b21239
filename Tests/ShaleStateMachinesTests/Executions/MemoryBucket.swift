import ShalePlatform
import Synchronization

/// Objects in memory.
final class MemoryBucket: Bucket {
    let objects = Mutex<[String: [UInt8]]>([:])

    func put(_ key: String, _ bytes: [UInt8]) throws(BucketError) {
        objects.withLock { $0[key] = bytes }
    }

    func sizeBytes(of key: String) throws(BucketError) -> Int { try found(key).count }

    func read(_ key: String, at offset: Int, count: Int) throws(BucketError) -> [UInt8] {
        Array(try found(key).dropFirst(offset).prefix(count))
    }

    func list(prefix: String) throws(BucketError) -> [String] {
        objects.withLock { $0.keys.filter { $0.hasPrefix(prefix) }.sorted() }
    }

    func delete(_ key: String) throws(BucketError) {
        objects.withLock { _ = $0.removeValue(forKey: key) }
    }

    /// There are none.
    func discardPartial(_ key: String) throws(BucketError) {}

    private func found(_ key: String) throws(BucketError) -> [UInt8] {
        guard let bytes = objects.withLock({ $0[key] }) else {
            throw BucketError(.notFound, key, "no such object")
        }
        return bytes
    }
}
