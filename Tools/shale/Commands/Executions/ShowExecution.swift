import ArgumentParser
import Foundation
import ShaleGraphs
import ShaleJSON

/// `shale executions show`: what became of an execution, state by state, as text, picture or JSON.
struct ShowExecution: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show an execution: its graph, and input, output and duration of each state.",
        discussion: """
            The text lists the states as they depend on each other: what only one alternative leads to
            stands in it. --svg also draws the graph, with the steps on a line of time below it.
            """
    )

    @Argument(help: "MACHINE/NAME, or the ARN.")
    var execution: String

    @Option(help: ArgumentHelp("Write a picture to this file.", valueName: "file"))
    var svg: String?

    @Flag(help: "Show all data and all visits, whatever the width.")
    var full = false

    @Flag(help: "Write one JSON object instead of text.")
    var json = false

    @Flag(help: "Use no colours; NO_COLOR in the environment says the same.")
    var noColor = false

    @OptionGroup var place: StatesServerOptions

    func run() async throws {
        let shown = try await place.asking(execution) { client in
            let arn = try await ExecutionNames(client: client).execution(execution)
            return try await ShownExecution(arn, from: client)
        }
        let now = Int64(Date().timeIntervalSince1970 * 1_000)
        if let svg { try draw(shown, to: svg, now) }
        if json {
            let (summary, course) = (shown.summary, shown.course)
            print(ExecutionReport.json(summary, course, mapRuns: shown.mapRuns, now: now).json)
            return
        }
        let text = ExecutionText(
            shown.summary,
            shown.course,
            now: now,
            columns: Terminal.columns,
            detail: full ? .full : .cut,
            hasColours: !noColor && Terminal.showsColours
        )
        text.lines().forEach { print($0) }
    }

    private func draw(_ shown: ShownExecution, to path: String, _ now: Int64) throws {
        let picture = ExecutionPicture(
            shown.summary,
            shown.course,
            now: now
        )
        do {
            try picture.svg().write(toFile: path, atomically: true, encoding: .utf8)
        } catch {
            throw Complaint(
                .failed,
                "\(path) cannot be written: \(error.localizedDescription); name a file in a"
                    + " directory that is there with --svg"
            )
        }
    }
}
