internal import ShalePlatform

/// An execution as text: what became of it, and its states as an indented list.
package struct ExecutionText {
    /// How much is shown.
    package enum Detail: Sendable {
        /// Data are cut to the width; of a state with many visits the last few are told.
        case cut
        case full
    }

    static let mostVisits = 5
    private static let mostNameColumns = 44

    let summary: ExecutionSummary
    let course: ExecutionCourse
    let now: Int64
    let columns: Int
    let detail: Detail
    let text: TerminalText

    /// What is to be shown.
    ///
    /// - Parameters:
    ///   - summary: The execution as a whole.
    ///   - course: What happened, state by state.
    ///   - now: Milliseconds since 1970.
    ///   - columns: The width of a line; less than 40 is taken for 40.
    ///   - detail: How much is shown.
    ///   - hasColours: Whether the reader is a terminal.
    package init(
        _ summary: ExecutionSummary,
        _ course: ExecutionCourse,
        now: Int64,
        columns: Int,
        detail: Detail,
        hasColours: Bool
    ) {
        self.summary = summary
        self.course = course
        self.now = now
        self.columns = max(40, columns)
        self.detail = detail
        text = TerminalText(hasColours: hasColours)
    }

    /// The lines, without their ends.
    package func lines() -> [String] { heading() + [""] + body() + [""] + legend() }

    // MARK: Heading

    private func heading() -> [String] {
        let took = DurationWords.words(summary.milliseconds(at: now))
        let began = CivilDate(seconds: summary.started / 1_000)
            .isoText(milliseconds: summary.started % 1_000)
        let verb = summary.stopped == nil ? "running for" : "took"
        let name = text.styled(TerminalText.clean("\(summary.machine)/\(summary.name)"), .bold)
        let status = text.styled(
            "\(summary.outcome.symbol) \(summary.status)",
            .outcome(summary.outcome)
        )
        var lines = ["\(name)  \(status)", "started \(began), \(verb) \(took)"]
        if summary.redriveCount > 0 { lines[1] += ", redriven × \(summary.redriveCount)" }
        lines += data("input", summary.input) + data("output", summary.output)
        lines += data("error", summary.error) + data("cause", summary.cause)
        return lines
    }

    private func data(_ name: String, _ value: String?) -> [String] {
        guard let value else { return [] }
        return [line("\(name.padded(to: 6)) ", value)]
    }

    /// A value behind its name, cut where not everything is wanted; `inset` is how far from the left the line will stand.
    func line(_ before: String, _ value: String, inset: Int = 0) -> String {
        let clean = TerminalText.clean(value)
        guard detail == .cut else { return before + clean }
        let room = columns - inset - TerminalText.columns(before)
        return before + TerminalText.cut(clean, to: max(10, room))
    }

    private func legend() -> [String] {
        let words = Outcome.allCases.map {
            text.styled("\($0.symbol) \($0.rawValue)", .outcome($0))
        }
        return [words.joined(separator: "   ")]
    }

    // MARK: States

    private func body() -> [String] {
        let outline = Outline(course.graph).lines
        let widths = outline.compactMap { line -> Int? in
            guard case .state(let state) = line.content else { return nil }
            return TerminalText.columns(line.prefix + course.graph.states[state].name) + 2
        }
        let width = min(Self.mostNameColumns, widths.max() ?? 0)
        return outline.flatMap { line -> [String] in
            let prefix = text.styled(line.prefix, .faint)
            switch line.content {
            case .state(let state):
                return [prefix + head(state, width - TerminalText.columns(line.prefix))]
                    + details(state, inset: TerminalText.columns(line.prefixBelow) + 2).map {
                        text.styled(line.prefixBelow, .faint) + "  " + $0
                    }
            case .branch(let scope): return [prefix + text.styled("├─ " + branch(scope), .faint)]
            case .alternative(let number, let isFollowed):
                return [prefix + alternative(number, isFollowed)]
            case .jump(let target):
                let name = TerminalText.clean(course.graph.states[target].name)
                return [prefix + text.styled("└▶ \(name)", .faint)]
            }
        }
    }

    /// The line of a state, its name padded to some columns.
    private func head(_ state: Int, _ width: Int) -> String {
        let outcome = course.outcome(of: state)
        let words = StateWords(state, course, at: now)
        let isUnknown = course.isElsewhere(state) && outcome == .notReached
        let symbol = isUnknown ? "·" : outcome.symbol
        let name = "\(symbol) \(TerminalText.clean(words.name))"
        let padding = String(repeating: " ", count: max(0, width - TerminalText.columns(name)))
        let subtitle = text.styled(TerminalText.clean(words.subtitle), .faint)
        let styled = text.styled(name, .outcome(outcome)) + padding + "  " + subtitle
        return words.figures.isEmpty ? styled : styled + "  " + words.figures
    }

    private func branch(_ scope: Int) -> String {
        guard let owner = course.graph.scopes[scope].owner else { return "" }
        let state = course.graph.states[owner]
        guard state.kind == "Parallel" else {
            guard state.isDistributed else { return "each item" }
            let words = "each item, in child executions"
            guard let share = course.share(of: owner), share.read < share.total else {
                return words
            }
            return words + ", \(share.read) of \(share.total) read"
        }
        return "branch \((state.scopes.firstIndex(of: scope) ?? 0) + 1)"
    }

    private func alternative(_ number: Int, _ isFollowed: Bool) -> String {
        let transition = course.graph.transitions[number]
        let label = TerminalText.clean(transition.label ?? "")
        var words: String
        switch transition.kind {
        case .rule: words = "if \(label)"
        case .otherwise: words = "otherwise"
        case .caught: words = "catch \(label)"
        case .next: words = ""
        }
        if !isFollowed {
            words += " ▶ \(TerminalText.clean(course.graph.states[transition.to].name))"
        }
        let count = course.taken[number]
        let isCatch = transition.kind == .caught
        let style: TerminalText.Style =
            count == 0 ? .faint : isCatch ? .outcome(.caught) : .plain
        return text.styled("├─ \(words)" + (count > 0 ? "  (taken × \(count))" : ""), style)
    }
}

extension String {
    /// With blanks behind it.
    func padded(to columns: Int) -> String {
        self + String(repeating: " ", count: max(0, columns - TerminalText.columns(self)))
    }
}
