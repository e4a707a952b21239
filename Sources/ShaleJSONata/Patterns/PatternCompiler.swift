/// Turns the tree of a regular expression into the program of the matcher.
struct PatternCompiler {
    /// How long a program may become: counted repetitions copy their part.
    private static let sizeLimit = 20_000

    let ignoresCase: Bool
    private(set) var program: [Pattern.Instruction] = []
    private var loopCount = 0

    init(ignoresCase: Bool) {
        self.ignoresCase = ignoresCase
    }

    mutating func compile(_ tree: PatternParser.Tree) throws(PatternError) {
        guard program.count < Self.sizeLimit else {
            throw PatternError(reason: "The expression is too large")
        }
        switch tree {
        case .empty: break
        case .scalar(let scalar):
            program.append(.scalar(ignoresCase ? scalar.folded : scalar))
        case .any: program.append(.any)
        case .set(let set): program.append(.set(set))
        case .sequence(let parts):
            for part in parts { try compile(part) }
        case .choice(let branches): try compileChoice(branches)
        case .group(let number, let part):
            program.append(.save(2 * number))
            try compile(part)
            program.append(.save(2 * number + 1))
        case .look(let isAhead, let isWanted, let part):
            let look = program.count
            program.append(.match)
            try compile(part)
            program.append(.match)
            program[look] = .look(isAhead: isAhead, isWanted: isWanted, end: program.count)
        case .lineStart: program.append(.lineStart)
        case .lineEnd: program.append(.lineEnd)
        case .wordBoundary(let isWanted): program.append(.wordBoundary(isWanted: isWanted))
        case .backReference(let number): program.append(.backReference(number))
        case .repeated(let part, let least, let most, let isGreedy, let groups):
            for _ in 0..<least { try compile(part) }
            if let most {
                try compileOptional(part, times: most - least, isGreedy: isGreedy)
            } else {
                try compileLoop(part, isGreedy: isGreedy, groups: groups)
            }
        }
    }

    private mutating func compileChoice(
        _ branches: [PatternParser.Tree]
    ) throws(PatternError) {
        var jumps: [Int] = []
        for branch in branches.dropLast() {
            let split = program.count
            program.append(.match)
            try compile(branch)
            jumps.append(program.count)
            program.append(.match)
            program[split] = .split(split + 1, program.count)
        }
        if let last = branches.last { try compile(last) }
        for jump in jumps { program[jump] = .jump(program.count) }
    }

    private mutating func compileOptional(
        _ part: PatternParser.Tree,
        times: Int,
        isGreedy: Bool
    ) throws(PatternError) {
        var splits: [Int] = []
        for _ in 0..<times {
            splits.append(program.count)
            program.append(.match)
            try compile(part)
        }
        for split in splits {
            let end = program.count
            program[split] = isGreedy ? .split(split + 1, end) : .split(end, split + 1)
        }
    }

    private mutating func compileLoop(
        _ part: PatternParser.Tree,
        isGreedy: Bool,
        groups: Range<Int>
    ) throws(PatternError) {
        let split = program.count
        let loop = loopCount
        loopCount += 1
        program.append(.match)
        program.append(.markTurn(loop))
        if !groups.isEmpty {
            program.append(.clear(2 * groups.lowerBound...2 * groups.upperBound - 1))
        }
        try compile(part)
        program.append(.checkTurn(loop))
        program.append(.jump(split))
        let end = program.count
        program[split] = isGreedy ? .split(split + 1, end) : .split(end, split + 1)
    }
}

extension Unicode.Scalar {
    /// The lower-case form if it is one character, as comparison without case wants.
    var folded: Unicode.Scalar {
        if isASCII {
            return (0x41...0x5A).contains(value) ? Unicode.Scalar(UInt8(value + 32)) : self
        }
        let lower = properties.lowercaseMapping.unicodeScalars
        return lower.count == 1 ? lower.first ?? self : self
    }
}
