internal import ArgumentParser
internal import Damage
internal import Foundation

/// Damages databases in memory, and checks that no answer is ever wrong; `Tools/flip` runs it.
@main
struct Flip: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flip",
        abstract: "Damage databases, and check that it is found or harmless.",
        subcommands: [Damages.self, WriteFixtures.self],
        defaultSubcommand: Damages.self
    )
}

/// A number of damages, one after the other.
struct Damages: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "damages",
        abstract: "Do damages of one kind, and print what became of them."
    )

    @Option(help: "closed, crashed, young, files, large or large-crashed.")
    var job = "closed"

    @Option(help: "The first damage.")
    var from = 0

    @Option(help: "How many; all from the first on where it is not said.")
    var count: Int?

    @Option(help: "Only every so many-th.")
    var stride = 1

    @Flag(help: "Say how many damages there are.")
    var list = false

    @Flag(help: "Name each damage before it is done.")
    var step = false

    @Flag(name: .customLong("continue"), help: "Go on after a failure.")
    var goesOn = false

    func run() throws {
        var run = try makeRun()
        if list { return print(run.count) }
        var failures = 0
        let end = min(run.count, count.map { from + $0 } ?? .max)
        for number in Swift.stride(from: from, to: end, by: stride) {
            if step {
                // At once: it may be the last word.
                FileHandle.standardError.write(Data("\(number) \(run.describe(number))\n".utf8))
            }
            do {
                try run.run(number)
            } catch {
                print("failure \(number): \(run.describe(number)): \(error)")
                failures += 1
                if !goesOn { throw ExitCode(1) }
            }
        }
        let rows = run.tally.rows
        let data = try JSONSerialization.data(withJSONObject: rows, options: .sortedKeys)
        print(String(decoding: data, as: UTF8.self))
        if failures > 0 { throw ExitCode(1) }
    }

    private func makeRun() throws -> any DamageRun {
        switch job {
        case "closed": try FlipRun(.small(.closed))
        case "crashed": try FlipRun(.small(.crashed))
        case "young": try FlipRun(.small(.young))
        case "files": FileDamageRun(try Ending.allCases.map { try .small($0) })
        case "large": try SampledFlipRun(.large(.closed))
        case "large-crashed": try SampledFlipRun(.large(.crashed))
        default: throw ValidationError("there is no job \(job)")
        }
    }
}
