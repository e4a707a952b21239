/// The bytes of files: every file system passes the same table.
import ShalePlatform
import Simulation
import Testing

struct FileTests {
    @Test(arguments: FileSystemKind.allCases)
    func `bytes are read where they were written`(kind: FileSystemKind) throws {
        try kind.withDirectory { files, directory in
            let file = try files.open("\(directory)/a", .create)
            try file.write([1, 2, 3], at: 0)
            try file.write([9], at: 1)
            try file.write([7], at: 6)
            try file.write([], at: 100)
            #expect(try file.sizeBytes() == 7)
            #expect(try file.read(at: 0, count: 7) == [1, 9, 3, 0, 0, 0, 7])
            #expect(try file.read(at: 2, count: 2) == [3, 0])
            #expect(try files.open("\(directory)/a", .read).read(at: 6, count: 1) == [7])
        }
    }

    @Test(arguments: FileSystemKind.allCases)
    func `a read is short only where the file ends`(kind: FileSystemKind) throws {
        try kind.withDirectory { files, directory in
            let file = try files.open("\(directory)/a", .create)
            #expect(try file.read(at: 0, count: 5) == [])
            try file.write([1, 2, 3], at: 0)
            #expect(try file.read(at: 1, count: 5) == [2, 3])
            #expect(try file.read(at: 3, count: 5) == [])
            #expect(try file.read(at: 50, count: 5) == [])
            #expect(try file.read(at: 0, count: 0) == [])
            #expect(try file.read(at: 0, count: 1 << 40) == [1, 2, 3])
            #expect(try file.read(at: 50, count: 1 << 40) == [])
        }
    }

    @Test(arguments: FileSystemKind.allCases)
    func `large bytes come back whole`(kind: FileSystemKind) throws {
        try kind.withDirectory { files, directory in
            let bytes = (0..<3_000_001).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
            let file = try files.open("\(directory)/a", .create)
            try file.write(bytes, at: 5)
            #expect(try file.read(at: 5, count: bytes.count) == bytes)
        }
    }

    @Test(arguments: FileSystemKind.allCases)
    func `filling with zeros keeps what lies before and sets the size`(kind: FileSystemKind) throws
    {
        try kind.withDirectory { files, directory in
            let file = try files.open("\(directory)/a", .create)
            try file.write([1, 2, 3, 4], at: 0)
            try file.zeroFill(from: 2, to: 6)
            #expect(try file.read(at: 0, count: 9) == [1, 2, 0, 0, 0, 0])
            try file.write([8, 8, 8, 8, 8, 8], at: 0)
            try file.zeroFill(from: 1, to: 3)
            #expect(try file.read(at: 0, count: 9) == [8, 0, 0])
            try file.zeroFill(from: 2, to: 2)
            #expect(try file.read(at: 0, count: 9) == [8, 0])
            try file.zeroFill(from: 4, to: 2_500_000)
            #expect(try file.sizeBytes() == 2_500_000)
            #expect(try file.read(at: 0, count: 6) == [8, 0, 0, 0, 0, 0])
            #expect(try file.read(at: 2_499_999, count: 6) == [0])
        }
    }

    @Test(arguments: FileSystemKind.allCases)
    func `what is cut off reads as zeros when the file grows again`(kind: FileSystemKind) throws {
        try kind.withDirectory { files, directory in
            let file = try files.open("\(directory)/a", .create)
            try file.write([1, 2, 3, 4], at: 0)
            try file.truncate(to: 1)
            #expect(try file.sizeBytes() == 1)
            try file.truncate(to: 3)
            #expect(try file.read(at: 0, count: 9) == [1, 0, 0])
            try file.sync()
        }
    }

    @Test(arguments: FileSystemKind.allCases)
    func `a file opened for reading is not written`(kind: FileSystemKind) throws {
        try kind.withDirectory { files, directory in
            try files.open("\(directory)/a", .create).write([1], at: 0)
            let file = try files.open("\(directory)/a", .read)
            #expect(throws: FileError.self) { try file.write([2], at: 0) }
            #expect(throws: FileError.self) { try file.truncate(to: 0) }
            #expect(throws: FileError.self) { try file.zeroFill(from: 0, to: 9) }
            #expect(try file.read(at: 0, count: 9) == [1])
            let writable = try files.open("\(directory)/a", .readWrite)
            try writable.write([2], at: 0)
            #expect(try file.read(at: 0, count: 9) == [2])
        }
    }

    @Test(arguments: FileSystemKind.allCases)
    func `a closed file throws whatever is asked, and closes twice`(kind: FileSystemKind) throws {
        try kind.withDirectory { files, directory in
            let file = try files.open("\(directory)/a", .create)
            file.close()
            file.close()
            #expect(throws: FileError.self) { try file.read(at: 0, count: 1) }
            #expect(throws: FileError.self) { try file.write([1], at: 0) }
            #expect(throws: FileError.self) { try file.sizeBytes() }
            #expect(throws: FileError.self) { try file.truncate(to: 0) }
            #expect(throws: FileError.self) { try file.zeroFill(from: 0, to: 1) }
            let error = #expect(throws: FileError.self) { try file.sync() }
            #expect(error?.operation == "sync")
            #expect(error?.path.hasSuffix("a") == true)
        }
    }

    @Test(arguments: FileSystemKind.allCases)
    func `random writes, cuts and zeros agree with an array`(kind: FileSystemKind) throws {
        try kind.withDirectory { files, directory in
            var generator = SimulatedGenerator(seed: 11)
            let file = try files.open("\(directory)/a", .create)
            var model: [UInt8] = []
            for _ in 0..<300 {
                let offset = generator.below(5_000)
                let count = generator.below(3_000)
                switch generator.below(5) {
                case 0:
                    try file.truncate(to: offset)
                    model = resized(model, to: offset)
                case 1:
                    try file.zeroFill(from: offset, to: offset + count)
                    let kept = resized(Array(model.prefix(offset)), to: offset)
                    model = resized(kept, to: offset + count)
                default:
                    let bytes = (0..<count).map { _ in UInt8(generator.below(256)) }
                    try file.write(bytes, at: offset)
                    if bytes.isEmpty { continue }
                    model = resized(model, to: max(model.count, offset + count))
                    model.replaceSubrange(offset..<(offset + count), with: bytes)
                }
                #expect(try file.read(at: 0, count: 10_000) == model)
            }
        }
    }

    private func resized(_ bytes: [UInt8], to count: Int) -> [UInt8] {
        bytes.prefix(count) + [UInt8](repeating: 0, count: max(0, count - bytes.count))
    }
}
