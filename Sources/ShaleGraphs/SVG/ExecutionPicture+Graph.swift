// The graph: boxes of states, lanes of branches, arrows and what is written on them.
extension ExecutionPicture {
    /// Draws the states and the arrows between them.
    mutating func graph(_ layout: GraphLayout, at offset: Point) {
        let graph = course.graph
        // From outside inwards, as boxes lie upon boxes; then arrows, then what is written on them.
        let states = layout.boxes.keys.sorted()
        for state in states where !graph.states[state].scopes.isEmpty {
            if let box = layout.boxes[state] { self.state(state, box.moved(by: offset)) }
            for lane in layout.lanes where graph.scopes[lane.scope].owner == state {
                let box = lane.box.moved(by: offset)
                writer.box(box, radius: 6, [("fill", Palette.paper), ("stroke", Palette.line)])
            }
        }
        let routes = layout.routes.map { $0.moved(by: offset) }
        for route in routes where !isTaken(route) { arrow(route) }
        for route in routes where isTaken(route) { arrow(route) }
        for state in states where graph.states[state].scopes.isEmpty {
            if let box = layout.boxes[state] { self.state(state, box.moved(by: offset)) }
        }
        for route in routes { label(route) }
        if let start = layout.start {
            mark("Start", start.moved(by: offset), isReached: !course.visits.isEmpty)
        }
        if let end = layout.end {
            mark("End", end.moved(by: offset), isReached: summary.status == "SUCCEEDED")
        }
    }

    // MARK: Arrows

    private func isTaken(_ route: Route) -> Bool {
        switch route.meaning {
        case .transition(let number): course.taken[number] > 0
        case .into(let scope):
            course.visits.contains { course.graph.states[$0.state].scope == scope }
                || course.graph.scopes[scope].states.contains {
                    course.children.outcome(of: $0) != nil
                }
        case .outOf(let state):
            course.visits(of: state).contains { $0.endsWell }
                || course.children.ends.contains(state)
        }
    }

    private func transition(_ route: Route) -> StateGraph.Transition? {
        guard case .transition(let number) = route.meaning else { return nil }
        return course.graph.transitions[number]
    }

    private mutating func arrow(_ route: Route) {
        let taken = isTaken(route)
        let isCatch = transition(route)?.kind == .caught
        let colour = !taken ? Palette.idle : isCatch ? Palette(.caught).strong : Palette.ink
        writer.path(
            route.path,
            [
                ("fill", "none"), ("stroke", colour), ("stroke-width", taken ? "2" : "1.3"),
                ("stroke-dasharray", isCatch ? "6 4" : nil),
            ]
        )
        let (tip, head) = (route.tip, Route.head)
        let left = Point(x: tip.x - 4.5, y: tip.y - head)
        let path =
            "M\(tip.x.pixels) \(tip.y.pixels) L\(left.x.pixels) \(left.y.pixels)"
            + " L\((tip.x + 4.5).pixels) \(left.y.pixels) Z"
        writer.path(path, [("fill", colour)])
    }

    private mutating func label(_ route: Route) {
        guard let box = route.label, let transition = transition(route) else { return }
        let taken = isTaken(route)
        let colour =
            !taken
            ? Palette.soft : transition.kind == .caught ? Palette(.caught).strong : Palette.ink
        writer.open([("font-size", "11")], title: transition.label)
        writer.box(
            box,
            radius: 9,
            [("fill", Palette.paper), ("stroke", taken ? colour : Palette.line)]
        )
        let text = ScopeNodes.label(transition) ?? ""
        writer.text(
            text,
            x: box.centre,
            y: box.y + 12.8,
            [("text-anchor", "middle"), ("fill", colour)]
        )
        writer.close()
    }

    // MARK: Boxes

    private mutating func mark(_ text: String, _ box: Box, isReached: Bool) {
        let colour = isReached ? Palette.ink : Palette.soft
        writer.box(
            box,
            radius: box.height / 2,
            [("fill", isReached ? Palette.ink : Palette.paper), ("stroke", colour)]
        )
        writer.text(
            text,
            x: box.centre,
            y: box.y + box.height / 2 + 4,
            [
                ("font-size", "12"), ("font-weight", "700"), ("text-anchor", "middle"),
                ("fill", isReached ? "#ffffff" : colour),
            ]
        )
    }

    private mutating func state(_ state: Int, _ box: Box) {
        let outcome = course.outcome(of: state)
        let isElsewhere = course.isElsewhere(state)
        let palette = Palette(outcome)
        let isIdle = outcome == .notReached
        writer.open([], title: title(of: state))
        writer.box(
            box,
            radius: 8,
            [
                ("fill", palette.light), ("stroke", isIdle ? Palette.idle : palette.strong),
                ("stroke-width", isIdle ? "1.2" : "1.6"),
                ("stroke-dasharray", isIdle && !isElsewhere ? "4 3" : nil),
            ]
        )
        let height = GraphLayout.leafHeight
        let strip = GraphLayout.strip
        if !isIdle {
            let (x, y) = (box.x, box.y)
            let bottom = min(box.bottom, y + height)
            let isLeaf = box.height <= height
            let corner = isLeaf ? "H\((x + 8).pixels) a8 8 0 0 1 -8 -8" : "H\(x.pixels)"
            let path =
                "M\((x + strip).pixels) \(y.pixels) V\(bottom.pixels) \(corner)"
                + " V\((y + 8).pixels) a8 8 0 0 1 8 -8 Z"
            writer.path(path, [("fill", palette.strong)])
        }
        if !isElsewhere || !isIdle {
            let middle = Point(x: box.x + strip / 2, y: box.y + height / 2)
            symbol(outcome, at: middle, isIdle ? palette.strong : "#ffffff")
        }
        words(of: state, box, isIdle: isIdle)
        writer.close()
    }

    private mutating func words(of state: Int, _ box: Box, isIdle: Bool) {
        let words = StateWords(state, course, at: now)
        let x = box.x + GraphLayout.strip + 9
        let right = box.right - 10
        writer.text(
            TextWidth.cut(words.name, to: right - x, size: GraphLayout.nameSize, isBold: true),
            x: x,
            y: box.y + 20.5,
            [
                ("font-size", "13"), ("font-weight", "700"),
                ("fill", isIdle ? Palette.soft : Palette.ink),
            ]
        )
        let small = GraphLayout.smallSize
        let figures = TextWidth.of(words.figures, size: small)
        let room = right - x - (figures > 0 ? figures + 12 : 0)
        let soft = [("font-size", "11"), ("fill", Palette.soft)]
        writer.text(TextWidth.cut(words.subtitle, to: room, size: small), x: x, y: box.y + 37, soft)
        if figures > 0 {
            let end = [("text-anchor", "end"), ("fill", Palette.ink), ("font-size", "11")]
            writer.text(words.figures, x: right, y: box.y + 37, end)
        }
    }

    /// All that is known of a state, for who points at it.
    private func title(of state: Int) -> String {
        var lines = [course.graph.states[state].name]
        if course.isElsewhere(state) {
            let counts = course.children.words(of: state).joined(separator: ", ")
            let before = "runs in child executions of the Map"
            lines.append(counts.isEmpty ? before : "\(before): \(counts)")
        }
        if let share = course.share(of: state), share.read < share.total {
            lines.append("\(share.read) of \(share.total) child executions were read")
        }
        for visit in course.visits(of: state).prefix(5) {
            let time = DurationWords.words(visit.milliseconds(at: now))
            lines.append("\(visit.outcome.rawValue), \(time)")
            if let error = visit.error { lines.append("\(error): \(visit.cause ?? "")") }
            if let input = visit.input { lines.append("input \(input.prefix(2_000))") }
            if let output = visit.output { lines.append("output \(output.prefix(2_000))") }
            if let run = course.mapRun(of: visit) { lines.append(run.words) }
        }
        return lines.joined(separator: "\n")
    }
}
