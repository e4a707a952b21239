import ShaleFunctions
import ShalePlatform
import Testing

@testable import ShaleRuntimes

/// Which interpreter runs a runtime, and what is said where none does.
@Suite(.serialized) struct InterpretersTests {
    /// A directory with interpreters, a shim among them, and one that only its owner reads.
    private static func inDirectory(
        _ body: (String, Interpreters) throws -> Void
    ) throws {
        let directory = "/tmp/shale-test-interpreters"
        try ProgramFiles.removeTree(directory)
        try ProgramFiles.makeDirectory(directory, mode: 0o755)
        let real = Array("\u{7F}ELF".utf8)
        try ProgramFiles.write(real, directory + "/python3.9", mode: 0o755)
        try ProgramFiles.write(real, directory + "/python3.11", mode: 0o755)
        try ProgramFiles.write(Array("#!/bin/sh".utf8), directory + "/python3.13", mode: 0o755)
        try ProgramFiles.write(real, directory + "/python3.12", mode: 0o700)
        let interpreters = Interpreters(
            given: ["python3.8": directory + "/python3.13", "python3.7": directory + "/python3.9"],
            searchPath: [directory],
            mustBeOpenToAll: true
        )
        try body(directory, interpreters)
        try ProgramFiles.removeTree(directory)
    }

    @Test func `the exact version runs, else the newest that can, and that is said`() throws {
        try Self.inDirectory { directory, interpreters in
            let exact = Interpreters.Found(path: directory + "/python3.9")
            #expect(try interpreters.find("python3.9") == exact)
            #expect(try interpreters.find("python3.7") == exact)
            let newest = try interpreters.find("python3.13")
            #expect(newest.path == directory + "/python3.11")
            let remark = "python3.13 is not here: python3.11 at \(newest.path) runs it."
            #expect(newest.remark == remark)
        }
    }

    @Test func `a shim and an interpreter that nobody may read are named`() throws {
        try Self.inDirectory { directory, interpreters in
            let shim = #expect(throws: FunctionError.self) { try interpreters.find("python3.8") }
            #expect(shim?.code == .invalidParameter)
            #expect(shim?.message.contains("a version manager's shim") == true)
            var hidden = interpreters
            hidden.given["python3.12"] = directory + "/python3.12"
            let error = #expect(throws: FunctionError.self) { try hidden.find("python3.12") }
            #expect(error?.message.contains("cannot be read by the users") == true)
            hidden.searchPath = ["/nowhere"]
            let none = #expect(throws: FunctionError.self) { try hidden.find("python3.9") }
            #expect(none?.message.contains("Looked in /nowhere.") == true)
        }
    }

    @Test(arguments: ["nodejs20.x", "python2.7", "python3.", "python3.1x", "java21", ""])
    func `a runtime that is not there is refused with those that are`(name: String) {
        let error = #expect(throws: FunctionError.self) {
            try RuntimeName(name) { ("python3.11", "/usr/bin/python3.11") }
        }
        #expect(error?.code == .invalidParameter)
        #expect(error?.message.contains("python3.11 at /usr/bin/python3.11") == true)
        #expect(error?.message.contains("provided.al2023") == true)
    }

    @Test func `a bootstrap and a version of Python are runtimes`() throws {
        #expect(try RuntimeName("provided.al2023") { nil } == .provided)
        #expect(try RuntimeName("python3.12") { nil } == .python("python3.12"))
    }
}
