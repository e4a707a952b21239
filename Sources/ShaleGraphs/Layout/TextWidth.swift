/// How wide a text is in a sans-serif face such as Helvetica, near enough to make room for it.
enum TextWidth {
    /// Widths of the characters from the space to the tilde, in thousandths of the size of the face.
    private static let ascii: [Int] = [
        278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
        556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
        1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
        667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
        333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
        556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
    ]
    /// Letters of other scripts, and those as wide as they are high.
    private static let (other, wide) = (600, 1_000)
    private static let firstWide: UInt32 = 0x1100
    /// Room for wider faces, which a viewer may have instead.
    private static let (regular, bold) = (1.14, 1.3)

    /// The width of a text in pixels; `isBold` faces are a little wider.
    static func of(_ text: String, size: Double, isBold: Bool = false) -> Double {
        let thousandths = text.unicodeScalars.reduce(0) { $0 + width($1) }
        return Double(thousandths) / 1_000 * size * (isBold ? bold : regular)
    }

    /// The text, or as much of its beginning as fits with a mark that there is more.
    static func cut(_ text: String, to width: Double, size: Double, isBold: Bool = false) -> String
    {
        guard of(text, size: size, isBold: isBold) > width else { return text }
        var kept = ""
        var used = of("…", size: size, isBold: isBold)
        for character in text {
            used += of(String(character), size: size, isBold: isBold)
            guard used <= width else { break }
            kept.append(character)
        }
        return kept + "…"
    }

    private static func width(_ scalar: Unicode.Scalar) -> Int {
        let index = Int(scalar.value) - 0x20
        if ascii.indices.contains(index) { return ascii[index] }
        return scalar.value >= firstWide && scalar.value < 0x2000 || scalar.value >= 0x2E80
            ? wide : other
    }
}
