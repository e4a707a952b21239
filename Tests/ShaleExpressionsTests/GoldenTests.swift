import Foundation
import Testing

/// Runs the scripts in `Golden`.
///
/// A script is blocks between empty lines: a command, its input lines, `----`, and one line of
/// output for each input line. `#` begins a comment. Set REWRITE_GOLDEN=1 to write what the code
/// says now into the scripts, then read the difference.
@Suite struct GoldenTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "Golden"
    )

    static let scripts: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
        return files.filter { $0.hasSuffix(".txt") }.sorted()
    }()

    @Test func `a script that is wrong is noticed`() throws {
        let script = GoldenScript(text: "project\na, b\na,\n----\n{}\n{}\n")
        var session = GoldenSession()
        let block = try #require(script.blocks.first)
        let output = try session.run(block.command, block.input)
        #expect(output.first == block.output.first)
        #expect(output.last != block.output.last)
    }

    @Test func `there are at least 150 cases`() throws {
        let cases = try Self.scripts.map { try GoldenScript(at: Self.folder.appending(path: $0)) }
            .flatMap(\.blocks).filter { $0.isCase }.map(\.input.count).reduce(0, +)
        #expect(cases >= 150)
    }

    @Test(arguments: scripts)
    func `the script says what the code says`(name: String) throws {
        let file = Self.folder.appending(path: name)
        var script = try GoldenScript(at: file)
        var session = GoldenSession()
        for index in script.blocks.indices where !script.blocks[index].command.isEmpty {
            let block = script.blocks[index]
            let output = try session.run(block.command, block.input)
            if ProcessInfo.processInfo.environment["REWRITE_GOLDEN"] == nil {
                #expect(output == block.output, "\(name): line \(block.line): \(block.command)")
            }
            script.blocks[index].output = output
        }
        if ProcessInfo.processInfo.environment["REWRITE_GOLDEN"] != nil {
            try script.text.write(to: file, atomically: true, encoding: .utf8)
        }
    }
}

/// A script taken apart.
struct GoldenScript {
    struct Block {
        var line: Int
        var comments: [String] = []
        var command = ""
        var input: [String] = []
        var output: [String] = []

        /// Whether the block tests something, and does not only set the scene.
        var isCase: Bool { !["item", "values", "names", "schema", ""].contains(command) }
    }

    var blocks: [Block] = []

    init(at file: URL) throws {
        self.init(text: try String(contentsOf: file, encoding: .utf8))
    }

    init(text: String) {
        var block = Block(line: 1)
        var isOutput = false
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            let line = String(line)
            if line.isEmpty {
                if !block.comments.isEmpty || !block.command.isEmpty { blocks.append(block) }
                block = Block(line: index + 2)
                isOutput = false
            } else if line == "----" {
                isOutput = true
            } else if isOutput {
                block.output.append(line)
            } else if block.command.isEmpty, line.hasPrefix("# ") {
                block.comments.append(line)
            } else if block.command.isEmpty {
                block.command = line
            } else {
                block.input.append(line)
            }
        }
        if !block.comments.isEmpty || !block.command.isEmpty { blocks.append(block) }
    }

    var text: String {
        blocks.map { block in
            var lines = block.comments
            if !block.command.isEmpty {
                lines += [block.command] + block.input + ["----"] + block.output
            }
            return lines.joined(separator: "\n")
        }.joined(separator: "\n\n") + "\n"
    }
}
