internal import ArgumentParser
internal import Damage
internal import Foundation

/// Writes the databases that every later version must open; `Tools/fixtures` runs it.
struct WriteFixtures: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fixtures",
        abstract: "Write the fixtures of the present format; refuses to overwrite any."
    )

    @Argument(help: "The directory of the format.")
    var directory: String

    func run() throws {
        for ending in FixtureEnding.allCases {
            let path = URL(fileURLWithPath: directory).appendingPathComponent(ending.rawValue)
            guard !FileManager.default.fileExists(atPath: path.path) else {
                throw ValidationError("\(path.path) is there, and stays as it is for ever")
            }
            try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
            for file in try Fixture(ending).make() {
                try Data(file.bytes).write(to: path.appendingPathComponent(file.name))
            }
        }
    }
}
