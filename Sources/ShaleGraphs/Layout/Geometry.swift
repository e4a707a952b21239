/// Lengths are pixels of the drawing; y grows downwards.
struct Point: Equatable {
    var x: Double
    var y: Double
}

struct Size: Equatable {
    var width: Double
    var height: Double
}

/// A rectangle by its upper left corner.
struct Box: Equatable {
    var x: Double
    var y: Double
    var width: Double
    var height: Double

    var right: Double { x + width }
    var bottom: Double { y + height }
    var centre: Double { x + width / 2 }

    func moved(by offset: Point) -> Box {
        Box(x: x + offset.x, y: y + offset.y, width: width, height: height)
    }
}

extension Double {
    /// As SVG takes it: one digit behind the point, and none where it is zero.
    var pixels: String {
        let tenths = Int((self * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        let (whole, rest) = abs(tenths).quotientAndRemainder(dividingBy: 10)
        return rest == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(rest)"
    }
}
