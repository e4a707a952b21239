extension ExecutionText {
    /// What is told below the line of a state: its data and attempts, for each visit where there are several.
    ///
    /// `inset` is how many columns from the left the lines will stand.
    func details(_ state: Int, inset: Int) -> [String] {
        let visits = course.visits(of: state)
        guard visits.count > 1 else { return visits.flatMap { details($0, inset) } }
        let told = detail == .full ? visits[...] : visits.suffix(Self.mostVisits)
        let left = visits.count - told.count
        let before = left > 0 ? [text.styled("\(left) earlier visits", .faint)] : []
        return before
            + told.enumerated().flatMap { place, visit -> [String] in
                let time = DurationWords.words(visit.milliseconds(at: now))
                let number = self.place(of: visit) ?? "\(left + place + 1)"
                let head = text.styled("\(visit.outcome.symbol) \(number)", .outcome(visit.outcome))
                return ["\(head)  \(time)"] + details(visit, inset + 2).map { "  " + $0 }
            }
    }

    /// In which iterations of Maps a visit was: `[3]`, `[0][12]`.
    private func place(of visit: ExecutionCourse.Visit) -> String? {
        var place = ""
        var next = visit.container
        while let container = next {
            let owner = course.visits[container.visit]
            if course.graph.states[owner.state].kind == "Map" {
                place = "[\(container.index)]" + place
            }
            next = owner.container
        }
        return place.isEmpty ? nil : place
    }

    private func details(_ visit: ExecutionCourse.Visit, _ inset: Int) -> [String] {
        var lines: [String] = []
        if let input = visit.input { lines.append(line("in   ", input, inset: inset)) }
        if visit.attempts.count > 1 { lines += attempts(visit, inset) }
        if !visit.iterations.isEmpty { lines.append(iterations(visit)) }
        if let run = course.mapRun(of: visit) {
            lines.append("map run \(run.status.lowercased()): \(run.words)")
            if detail == .full, let arn = visit.mapRunARN { lines.append("map run \(arn)") }
        }
        if visit.attempts.count < 2, let failure = failure(visit.error, visit.cause) {
            lines.append(text.styled(line("why  ", failure, inset: inset), .outcome(visit.outcome)))
        }
        if let output = visit.output { lines.append(line("out  ", output, inset: inset)) }
        return lines
    }

    private func attempts(_ visit: ExecutionCourse.Visit, _ inset: Int) -> [String] {
        visit.attempts.enumerated().map { number, attempt in
            let end = attempt.ended ?? now
            let time = DurationWords.words(end - attempt.started)
            let failure = failure(attempt.error, attempt.cause).map { "  \($0)" }
            let head = "try \(number + 1) \(attempt.outcome.symbol) \(time)"
            return text.styled(line(head, failure ?? "", inset: inset), .outcome(attempt.outcome))
        }
    }

    /// A failure in one line; with the whole cause where everything is wanted.
    private func failure(_ error: String?, _ cause: String?) -> String? {
        guard detail == .full else { return FailureWords.words(error, cause) }
        return error.map { error in cause.map { "\(error): \($0)" } ?? error }
    }

    private func iterations(_ visit: ExecutionCourse.Visit) -> String {
        let counts = Outcome.allCases.compactMap { outcome -> String? in
            let count = visit.iterations.values.count { $0 == outcome }
            return count > 0
                ? text.styled("\(outcome.symbol) \(count) \(outcome.rawValue)", .outcome(outcome))
                : nil
        }
        return "\(visit.iterations.count) items  " + counts.joined(separator: "  ")
    }
}
