/// A file is closed under the calls of other threads.
import ShalePlatform
import Testing

struct DescriptorTests {
    @Test func `closing under running reads gives them bytes or an error, never another file's`()
        throws
    {
        try FileSystemKind.posix.withDirectory { files, directory in
            for name in ["a", "b"] {
                let bytes = [UInt8](repeating: Array(name.utf8)[0], count: 4_096)
                try files.open("\(directory)/\(name)", .create).write(bytes, at: 0)
            }
            let scheduler = ThreadScheduler(readThreads: 4)
            for _ in 0..<50 {
                let file = try files.open("\(directory)/a", .read)
                let done = scheduler.makeGate()
                let counter = Counter()
                for _ in 0..<4 {
                    scheduler.schedule(.read) {
                        Self.readUntilClosed(file)
                        if counter.increment() == 4 { done.open() }
                    }
                }
                file.close()
                let other = try files.open("\(directory)/b", .read)
                done.wait()
                #expect(try other.read(at: 0, count: 1) == [UInt8(ascii: "b")])
            }
            scheduler.shutDown()
        }
    }

    static func readUntilClosed(_ file: any File) {
        do throws(FileError) {
            while true {
                let bytes = try file.read(at: 0, count: 4_096)
                #expect(bytes == [UInt8](repeating: UInt8(ascii: "a"), count: 4_096))
            }
        } catch {
            #expect(error.reason == "The file is closed")
        }
    }
}
