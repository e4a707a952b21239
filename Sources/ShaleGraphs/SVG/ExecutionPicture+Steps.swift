// The steps of an execution as rows below the graph, each with its part of the line of time.
extension ExecutionPicture {
    static let rowHeight = 26.0
    /// More steps are not drawn; the text form has them all.
    static let mostSteps = 80
    private static let (timeWidth, durationWidth) = (220.0, 78.0)

    /// Draws a row for each visit: what, when on the line of time, with which input and output.
    ///
    /// - Returns: Where the picture ends.
    mutating func steps(_ top: Double) -> Double {
        guard !course.visits.isEmpty else { return top }
        let left = Self.margin
        let nameWidth = 210.0
        let time = left + nameWidth + Self.durationWidth
        let data = time + Self.timeWidth + 18
        let dataWidth = (width - Self.margin - data - 14) / 2
        let heads = [
            ("Step", left + 22), ("Time", time), ("Input", data), ("Output", data + dataWidth + 14),
        ]
        for (text, x) in heads {
            writer.text(
                text,
                x: x,
                y: top,
                [("font-size", "11"), ("font-weight", "700"), ("fill", Palette.soft)]
            )
        }
        var y = top + 8
        for visit in visitsInOrder() {
            writer.open([], title: title(of: visit))
            writer.path(
                "M\(left.pixels) \(y.pixels) H\((width - Self.margin).pixels)",
                [("stroke", Palette.line), ("fill", "none")]
            )
            name(of: visit, left, y, nameWidth)
            bar(of: visit, time, y)
            text(visit.input, data, y, dataWidth)
            let output = visit.output ?? FailureWords.words(visit.error, visit.cause)
            text(output, data + dataWidth + 14, y, dataWidth)
            writer.close()
            y += Self.rowHeight
        }
        let rest = course.visits.count - Self.mostSteps
        if rest > 0 {
            writer.text(
                "and \(rest) more steps",
                x: left + 22,
                y: y + 17,
                [("font-size", "11"), ("fill", Palette.soft)]
            )
            y += Self.rowHeight
        }
        return y + 20
    }

    /// The first visits, those in a Parallel or Map behind it, branch by branch.
    private func visitsInOrder() -> [ExecutionCourse.Visit] {
        var inside: [Int: [Int]] = [:]
        for (number, visit) in course.visits.enumerated() {
            inside[visit.container?.visit ?? -1, default: []].append(number)
        }
        var ordered: [ExecutionCourse.Visit] = []
        var waiting = Array((inside[-1] ?? []).reversed())
        while let number = waiting.popLast(), ordered.count < Self.mostSteps {
            ordered.append(course.visits[number])
            let inner = (inside[number] ?? []).enumerated().sorted {
                let (left, right) = (course.visits[$0.element], course.visits[$1.element])
                return (left.container?.index ?? 0, $0.offset)
                    < (right.container?.index ?? 0, $1.offset)
            }
            waiting += inner.reversed().map(\.element)
        }
        return ordered
    }

    private mutating func name(
        of visit: ExecutionCourse.Visit,
        _ left: Double,
        _ y: Double,
        _ width: Double
    ) {
        let indent = Double(min(course.depth(of: visit), 5)) * 12
        let state = course.graph.states[visit.state]
        var name = state.name
        if let container = visit.container {
            let owner = course.graph.states[course.visits[container.visit].state]
            if owner.kind == "Map" { name = "[\(container.index)] \(name)" }
        }
        symbol(
            visit.outcome,
            at: Point(x: left + 9 + indent, y: y + Self.rowHeight / 2),
            Palette(visit.outcome).strong
        )
        writer.text(
            TextWidth.cut(name, to: width - 30 - indent, size: 12),
            x: left + 22 + indent,
            y: y + 17,
            [("font-size", "12")]
        )
        writer.text(
            DurationWords.words(visit.milliseconds(at: now)),
            x: left + width + Self.durationWidth - 14,
            y: y + 17,
            [("font-size", "11"), ("text-anchor", "end"), ("fill", Palette.soft)]
        )
    }

    /// The stay on the line of time of the whole execution, its attempts as parts of it.
    private mutating func bar(of visit: ExecutionCourse.Visit, _ left: Double, _ y: Double) {
        let whole = Double(max(1, summary.milliseconds(at: now)))
        func x(_ time: Int64) -> Double {
            left + min(1, max(0, Double(time - summary.started) / whole)) * (Self.timeWidth - 3)
        }
        let middle = y + Self.rowHeight / 2
        let line = Box(x: left, y: middle - 0.5, width: Self.timeWidth, height: 1)
        writer.box(line, radius: 0, [("fill", Palette.line)])
        let end = visit.entered + visit.milliseconds(at: now)
        let palette = Palette(visit.outcome)
        let from = x(visit.entered)
        let box = Box(x: from, y: middle - 5, width: max(3, x(end) - from), height: 10)
        let hasAttempts = visit.attempts.count > 1
        writer.box(
            box,
            radius: 2,
            [
                ("fill", hasAttempts ? palette.light : palette.strong),
                ("stroke", hasAttempts ? palette.strong : nil),
            ]
        )
        guard hasAttempts else { return }
        for attempt in visit.attempts {
            let from = x(attempt.started)
            let width = max(3, x(attempt.ended ?? end) - from)
            let part = Box(x: from, y: middle - 5, width: width, height: 10)
            writer.box(part, radius: 2, [("fill", Palette(attempt.outcome).strong)])
        }
    }

    private mutating func text(_ text: String?, _ x: Double, _ y: Double, _ width: Double) {
        guard let text else { return }
        // A monospaced character is 0.6 of its size wide.
        let room = max(4, Int(width / 6.3))
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        let cut = line.count > room ? line.prefix(room - 1) + "…" : line[...]
        let style = [
            ("font-size", "10.5"), ("font-family", Self.monospace), ("fill", Palette.soft),
        ]
        writer.text(String(cut), x: x, y: y + 17, style)
    }

    private func title(of visit: ExecutionCourse.Visit) -> String {
        var lines = ["\(course.graph.states[visit.state].name): \(visit.outcome.rawValue)"]
        for (number, attempt) in visit.attempts.enumerated() where visit.attempts.count > 1 {
            let error = attempt.error.map { ", \($0): \(attempt.cause ?? "")" } ?? ""
            lines.append("attempt \(number + 1): \(attempt.outcome.rawValue)\(error)")
        }
        if let error = visit.error { lines.append("\(error): \(visit.cause ?? "")") }
        if let input = visit.input { lines.append("input \(input.prefix(4_000))") }
        if let output = visit.output { lines.append("output \(output.prefix(4_000))") }
        return lines.joined(separator: "\n")
    }
}
