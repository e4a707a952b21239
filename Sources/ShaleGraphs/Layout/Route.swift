/// The way of an arrow: columns that it passes straight, with curves between them.
struct Route {
    /// A place where the arrow is vertical.
    struct Column {
        var x: Double
        var top: Double
        var bottom: Double
    }

    /// How far an arrow of a loop swings out below its source and above its target.
    static let swing = 26.0
    /// The length of an arrow's head.
    static let head = 7.0

    /// From the source to the target; the first ends at the bottom of its rank, the last begins at the top of its own.
    var columns: [Column]
    /// Whether it leads up, to close a loop.
    var isBack = false
    /// What it stands for.
    enum Meaning: Equatable {
        /// One of the graph.
        case transition(Int)
        /// To the first state of a scope.
        case into(Int)
        /// From a last state to the end of the machine.
        case outOf(Int)
    }

    var meaning: Meaning
    var label: Box?

    /// Where the head points.
    var tip: Point { Point(x: columns.last?.x ?? 0, y: columns.last?.bottom ?? 0) }

    func moved(by offset: Point) -> Route {
        var moved = self
        moved.columns = columns.map {
            Column(x: $0.x + offset.x, top: $0.top + offset.y, bottom: $0.bottom + offset.y)
        }
        moved.label = label?.moved(by: offset)
        return moved
    }

    /// The way as the `d` of a path, up to the head.
    var path: String {
        guard let first = columns.first else { return "" }
        var path = "M\(first.x.pixels,first.top.pixels) V\(first.bottom.pixels)"
        var place = Point(x: first.x, y: first.bottom)
        for (index, column) in columns.enumerated().dropFirst() {
            if isBack {
                let isLast = index == columns.count - 1
                if index == 1 || isLast {
                    turn(&path, from: place, to: column, isUp: isLast)
                } else {
                    bend(&path, from: place, to: Point(x: column.x, y: column.bottom))
                }
                place = Point(x: column.x, y: isLast ? column.bottom : column.top)
            } else {
                bend(&path, from: place, to: Point(x: column.x, y: column.top))
                place = Point(x: column.x, y: column.bottom)
            }
            let isEnd = index == columns.count - 1
            path += " V\((isEnd ? place.y - Self.head + 1 : place.y).pixels)"
        }
        return path
    }

    /// From below its source into the column that leads up, or out of it from above.
    private func turn(_ path: inout String, from place: Point, to column: Column, isUp: Bool) {
        let end = isUp ? column.top : column.bottom
        let y = isUp ? min(place.y, end) - Self.swing : max(place.y, end) + Self.swing
        path +=
            " C\(place.x.pixels,y.pixels) \(column.x.pixels,y.pixels) \(column.x.pixels,end.pixels)"
    }

    private func bend(_ path: inout String, from: Point, to: Point) {
        guard abs(from.x - to.x) > 0.05 else {
            path += " V\(to.y.pixels)"
            return
        }
        let middle = (from.y + to.y) / 2
        path +=
            " C\(from.x.pixels,middle.pixels) \(to.x.pixels,middle.pixels) \(to.x.pixels,to.y.pixels)"
    }
}

extension DefaultStringInterpolation {
    /// Two coordinates.
    mutating func appendInterpolation(_ x: String, _ y: String) {
        appendLiteral(x + " " + y)
    }
}
