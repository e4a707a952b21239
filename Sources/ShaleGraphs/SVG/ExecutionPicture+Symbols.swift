// The symbols of outcomes, drawn.
extension ExecutionPicture {
    /// Draws the symbol of an outcome, ten pixels high, without asking a font for it.
    mutating func symbol(_ outcome: Outcome, at middle: Point, _ colour: String) {
        let (x, y) = (middle.x, middle.y)
        let line: [(String, String?)] = [
            ("fill", "none"), ("stroke", colour), ("stroke-width", "2"),
            ("stroke-linecap", "round"), ("stroke-linejoin", "round"),
        ]
        func point(_ dx: Double, _ dy: Double) -> String { "\((x + dx).pixels) \((y + dy).pixels)" }
        switch outcome {
        case .succeeded:
            writer.path("M\(point(-4.5, 0.2)) L\(point(-1.3, 3.6)) L\(point(4.6, -3.6))", line)
        case .failed:
            writer.path(
                "M\(point(-3.6, -3.6)) L\(point(3.6, 3.6)) M\(point(3.6, -3.6)) L\(point(-3.6, 3.6))",
                line
            )
        case .caught:
            writer.path(
                "M\(point(0, -4.8)) L\(point(5, 4)) L\(point(-5, 4)) Z",
                [("fill", colour), ("stroke", colour), ("stroke-linejoin", "round")]
            )
        case .running:
            writer.path(
                "M\(point(-3, -4.6)) L\(point(4.8, 0)) L\(point(-3, 4.6)) Z",
                [("fill", colour), ("stroke", colour), ("stroke-linejoin", "round")]
            )
        case .aborted:
            let box = Box(x: x - 4, y: y - 4, width: 8, height: 8)
            writer.box(box, radius: 1, [("fill", colour)])
        case .notReached:
            writer.element(
                "circle",
                [
                    ("cx", x.pixels), ("cy", y.pixels), ("r", "3.8"), ("fill", "none"),
                    ("stroke", colour), ("stroke-width", "1.6"),
                ]
            )
        }
    }
}
