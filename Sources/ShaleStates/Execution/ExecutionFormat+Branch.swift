internal import OrderedCollections
internal import ShaleJSON

// The bytes of a branch; `ExecutionFormat.swift` draws them.
extension Branch {
    func write(to writer: inout StateBytesWriter) {
        writer.write(parent?.number)
        writer.write(index)
        writer.write(item == nil ? 0 : 1)
        for number in [state, lastEvent, enteredEvent, eventBefore, Int(max(0, enteredTime))] {
            writer.write(number)
        }
        writer.write(attempts)
        writer.write(.object(variables.values))
        writer.write(inputSource.rawValue)
        if inputSource == .own { writer.write(input) }
        switch phase {
        case .entering: writer.write(0)
        case .performing: writer.write(1)
        case .waiting(let timer):
            writer.write(2)
            writer.write(timer.number)
        case .retrying(let timer):
            writer.write(3)
            writer.write(timer.number)
        case .task(let task):
            writer.write(4)
            task.write(to: &writer)
        case .fork: writer.write(5)
        case .mapRun: writer.write(6)
        }
    }

    /// Reads a branch; its item, and an input that is that of its fork, are with its parent.
    init(
        from reader: inout StateBytesReader,
        _ program: StateMachineProgram,
        _ context: ExecutionContext
    ) throws(ExecutionFormatError) {
        let limit = Int(Int32.max)
        parent = try reader.optionalNumber().map(BranchID.init)
        index = try reader.number(below: limit)
        item = nil
        _ = try reader.number(below: 2)
        state = try reader.number(below: program.states.count)
        lastEvent = try reader.number(below: limit)
        enteredEvent = try reader.number(below: limit)
        eventBefore = try reader.number(below: limit)
        enteredTime = Int64(try reader.number(below: Int(Int64.max / 1_000_000)))
        attempts = try reader.numbers()
        variables = Variables(try reader.object())
        guard let source = InputSource(rawValue: try reader.number()) else {
            throw reader.error("a source of an input")
        }
        inputSource = source
        input = source == .own ? try reader.value() : context.input
        let definition = program.states[state]
        phase = try Self.readPhase(&reader, definition, program)
        if case .entering = phase { return }
        guard attempts.count == definition.retriers.count,
            attempts.allSatisfy({ $0 < limit })
        else { throw reader.error("attempts of another state") }
    }

    private static func readPhase(
        _ reader: inout StateBytesReader,
        _ state: StateDefinition,
        _ program: StateMachineProgram
    ) throws(ExecutionFormatError) -> Phase {
        switch (try reader.number(), state.kind) {
        case (0, _): return .entering
        case (1, _): return .performing
        case (2, .wait): return .waiting(TimerID(try reader.number()))
        case (3, _) where !state.retriers.isEmpty: return .retrying(TimerID(try reader.number()))
        case (4, .task): return .task(try RunningTask(from: &reader))
        case (5, .parallel), (5, .map): return .fork
        case (6, .map): return .mapRun
        default: throw reader.error("a phase that the state has not")
        }
    }
}

extension RunningTask {
    fileprivate func write(to writer: inout StateBytesWriter) {
        writer.write(id.number)
        writer.write(token == nil ? 0 : 1)
        if let token { writer.write(token) }
        writer.write(timeout?.number)
        writer.write(heartbeat?.number)
        writer.write(heartbeatSeconds)
        writer.write(isStarted ? 1 : 0)
    }

    fileprivate init(from reader: inout StateBytesReader) throws(ExecutionFormatError) {
        id = TaskID(try reader.number())
        token = try reader.number(below: 2) == 1 ? try reader.text() : nil
        timeout = try reader.optionalNumber().map(TimerID.init)
        heartbeat = try reader.optionalNumber().map(TimerID.init)
        heartbeatSeconds = try reader.optionalNumber()
        guard heartbeatSeconds ?? 0 <= 99_999_999 else { throw reader.error("a heartbeat") }
        isStarted = try reader.number(below: 2) == 1
    }
}

extension Fork {
    func write(to writer: inout StateBytesWriter) {
        writer.write(input)
        writer.write(items)
        writer.write(limit == Int.max ? 0 : limit)
        writer.write(next)
        writer.write(running.sorted().map(\.number))
        writer.write(results)
        writer.write(chain)
    }

    init(
        from reader: inout StateBytesReader,
        scopes: [Int],
        isMap: Bool
    ) throws(ExecutionFormatError) {
        self.scopes = scopes
        self.isMap = isMap
        input = try reader.value()
        items = try reader.values()
        let limit = try reader.number()
        self.limit = limit == 0 ? Int.max : limit
        next = try reader.number()
        let numbers = try reader.numbers()
        running = Set(numbers.map(BranchID.init))
        results = try reader.optionalValues()
        count = results.count
        chain = try reader.number(below: Int(Int32.max))
        guard next <= count, items.count == (isMap ? count : 0), numbers.count == running.count
        else { throw reader.error("a fork of other branches") }
    }
}

extension MapRun {
    func write(to writer: inout StateBytesWriter) {
        writer.write(id.number)
        writer.write(arn)
        writer.write(stage.rawValue)
        writer.write(input)
        writer.write(limit)
        writer.write(toleratedCount)
        writer.write(.array(toleratedPercentage.map { [.double($0)] } ?? []))
        writer.write(next)
        writer.write(running)
        writer.write(failed)
        writer.write(again)
        writer.write(inputs)
        writer.write(results)
        writer.write(isDone.map { $0 ? 1 : 0 })
    }

    init(from reader: inout StateBytesReader) throws(ExecutionFormatError) {
        id = TaskID(try reader.number())
        arn = try reader.text()
        guard let stage = Stage(rawValue: try reader.number()) else {
            throw reader.error("a stage")
        }
        self.stage = stage
        input = try reader.value()
        limit = try reader.number(below: ExecutionState.childLimit + 1)
        toleratedCount = try reader.optionalNumber()
        toleratedPercentage = try reader.value().elements?.first?.number
        next = try reader.number()
        running = try reader.number()
        failed = try reader.number()
        again = try reader.numbers()
        inputs = try reader.values()
        results = try reader.optionalValues()
        isDone = try reader.numbers().map { $0 == 1 }
        let count = inputs.count
        guard limit > 0, next <= count, running <= count, failed <= count, results.count == count,
            isDone.count == count, again.allSatisfy({ $0 < next })
        else { throw reader.error("a Map run of other children") }
    }
}
