internal import ShalePlatform

/// An execution as a picture: what became of it, the graph of its machine, and its steps on a line of time.
///
/// Stands alone: no script, no font and no style from elsewhere. Whatever is cut off is whole in the titles.
package struct ExecutionPicture {
    static let margin = 28.0
    static let leastWidth = 960.0
    static let face = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
    static let monospace = "'SF Mono', Menlo, Consolas, 'Liberation Mono', monospace"

    let summary: ExecutionSummary
    let course: ExecutionCourse
    /// Milliseconds since 1970, for what runs.
    let now: Int64

    var writer = SVGWriter()
    var width = 0.0

    /// What is to be shown.
    ///
    /// - Parameters:
    ///   - summary: The execution as a whole.
    ///   - course: What happened, state by state.
    ///   - now: Milliseconds since 1970.
    package init(
        _ summary: ExecutionSummary,
        _ course: ExecutionCourse,
        now: Int64
    ) {
        self.summary = summary
        self.course = course
        self.now = now
    }

    /// The picture as the text of an SVG file.
    package func svg() -> String {
        var picture = self
        return picture.draw()
    }

    private mutating func draw() -> String {
        let layout = GraphLayout(course, at: now)
        width = max(Self.leastWidth, layout.size.width + 2 * Self.margin)
        var y = heading()
        y = legend(y)
        graph(layout, at: Point(x: (width - layout.size.width) / 2, y: y))
        y = steps(y + layout.size.height + 36)
        let size =
            "width=\"\(width.pixels)\" height=\"\(y.pixels)\" viewBox=\"0 0 \(width.pixels) \(y.pixels)\""
        let title = "\(summary.machine): execution \(summary.name), \(summary.status.lowercased())"
        return """
            <svg xmlns="http://www.w3.org/2000/svg" \(size) role="img" aria-labelledby="t d" \
            font-family="\(Self.face)" fill="\(Palette.ink)">
            <title id="t">\(SVGWriter.escaped(title))</title>
            <desc id="d">\(SVGWriter.escaped(description))</desc>
            <rect width="100%" height="100%" fill="\(Palette.paper)"/>
            \(writer.lines.joined(separator: "\n"))
            </svg>

            """
    }

    /// The picture in a sentence, for those who do not see it.
    private var description: String {
        let graph = course.graph
        let parts = Outcome.allCases.compactMap { outcome -> String? in
            let names = graph.states.indices.filter { course.outcome(of: $0) == outcome }
                .map { graph.states[$0].name }
            return names.isEmpty ? nil : "\(outcome.rawValue): \(names.joined(separator: ", "))"
        }
        return "The states of the machine. " + parts.joined(separator: ". ") + "."
    }

    // MARK: Heading

    private mutating func heading() -> Double {
        let palette = Palette(summary.outcome)
        var x = Self.margin
        writer.text(
            summary.machine,
            x: x,
            y: 40,
            [("font-size", "20"), ("font-weight", "700")]
        )
        x += TextWidth.of(summary.machine, size: 20, isBold: true) + 12
        writer.text(summary.name, x: x, y: 40, [("font-size", "20"), ("fill", Palette.soft)])
        let words = summary.status.replacing("_", with: " ")
        let pill = TextWidth.of(words, size: 12, isBold: true) + 40
        let box = Box(x: width - Self.margin - pill, y: 22, width: pill, height: 26)
        writer.box(box, radius: 13, [("fill", palette.strong)])
        symbol(summary.outcome, at: Point(x: box.x + 17, y: 35), "#ffffff")
        let white = [("font-size", "12"), ("font-weight", "700"), ("fill", "#ffffff")]
        writer.text(words, x: box.x + 29, y: 39.3, white)
        let took = DurationWords.words(summary.milliseconds(at: now))
        let began = CivilDate(seconds: summary.started / 1_000)
            .isoText(milliseconds: summary.started % 1_000)
        var facts = "started \(began) · \(summary.stopped == nil ? "running for" : "took") \(took)"
        if summary.redriveCount > 0 { facts += " · redriven × \(summary.redriveCount)" }
        writer.text(facts, x: Self.margin, y: 62, [("font-size", "12"), ("fill", Palette.soft)])
        guard let failure = FailureWords.words(summary.error, summary.cause) else { return 84 }
        writer.open([("font-size", "12"), ("fill", palette.strong)], title: summary.cause)
        let room = (width - 2 * Self.margin) * 0.95
        writer.text(Self.oneLine(failure, room, size: 12), x: Self.margin, y: 82)
        writer.close()
        return 104
    }

    private mutating func legend(_ y: Double) -> Double {
        var x = Self.margin
        for outcome in Outcome.allCases {
            let palette = Palette(outcome)
            let box = Box(x: x, y: y, width: 18, height: 18)
            let border: [(String, String?)] = [
                ("fill", outcome == .notReached ? palette.light : palette.strong),
                ("stroke", palette.strong),
                ("stroke-dasharray", outcome == .notReached ? "3 2" : nil),
            ]
            writer.box(box, radius: 4, border)
            let white = outcome == .notReached ? palette.strong : "#ffffff"
            symbol(outcome, at: Point(x: x + 9, y: y + 9), white)
            writer.text(
                outcome.rawValue,
                x: x + 24,
                y: y + 13,
                [("font-size", "12"), ("fill", Palette.soft)]
            )
            x += 24 + TextWidth.of(outcome.rawValue, size: 12) + 20
        }
        return y + 18 + 24
    }

    /// A text on one line, as much as fits.
    static func oneLine(_ text: String, _ width: Double, size: Double) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return TextWidth.cut(String(line.prefix(1_000)), to: width, size: size)
    }
}
