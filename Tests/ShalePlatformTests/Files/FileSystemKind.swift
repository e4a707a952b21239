/// The file systems that must all behave alike, each empty and ready for one test.
import Foundation
import ShalePlatform
import Simulation
import Testing

/// Which file system a test runs on.
enum FileSystemKind: String, CaseIterable, Sendable {
    case posix, memory, simulated

    /// Runs `body` with a file system and a fresh directory in it.
    func withDirectory(
        _ body: (_ files: any FileSystem, _ directory: String) throws -> Void
    ) throws {
        switch self {
        case .posix:
            let directory = FileManager.default.temporaryDirectory
                .appending(path: "shale-\(UUID().uuidString)").path
            let files = PosixFileSystem()
            try files.createDirectory(directory)
            defer {
                #expect(throws: Never.self) {
                    try FileManager.default.removeItem(atPath: directory)
                }
            }
            try body(files, directory)
        case .memory:
            let files = MemoryFileSystem()
            try files.createDirectory("d")
            try body(files, "d")
        case .simulated:
            let files = SimulatedWorld(seed: 1).files
            try files.createDirectory("d")
            try body(files, "d")
        }
    }
}

/// The code of the error that `body` throws, or nil when it throws none.
func code(of body: () throws -> Void) throws -> FileError.Code? {
    do {
        try body()
        return nil
    } catch let error as FileError {
        return error.code
    }
}
