internal import OrderedCollections
internal import ShaleJSON

/// What a Map state asks beside what all states do.
extension Validator {
    mutating func checkMap(_ judge: StateJudge) {
        let fields = judge.fields
        checkOne(of: ["ItemProcessor", "Iterator"], in: fields, isRequired: true)
        checkOne(of: ["ItemSelector", "Parameters"], in: fields)
        checkOne(of: ["Items", "ItemsPath"], in: fields)
        for name in ["ItemProcessor", "Iterator"] where fields[name] != nil {
            guard let processor = fields.inner(name) else {
                refuse("Value is not an object", at: fields.place(name))
                continue
            }
            checkProcessor(processor)
        }
        for name in ["MaxConcurrency", "ToleratedFailureCount"] {
            checkOne(of: [name, name + "Path"], in: fields)
            checkQuantity(name, judge, least: 0)
        }
        let percentage = "ToleratedFailurePercentage"
        checkOne(of: [percentage, percentage + "Path"], in: fields)
        checkQuantity(percentage, judge, least: 0, most: 100, isWhole: false)
        checkLabel(fields)
        checkReader(judge)
        checkBatcher(judge)
        checkWriter(judge)
    }

    private mutating func checkProcessor(_ processor: FieldSet) {
        checkNames(of: processor, among: ["StartAt", "States", "Comment", "ProcessorConfig"])
        if processor["ProcessorConfig"] != nil {
            guard let configuration = processor.inner("ProcessorConfig") else {
                return refuse("Value is not an object", at: processor.place("ProcessorConfig"))
            }
            checkNames(of: configuration, among: ["Mode", "ExecutionType"])
            checkWord("Mode", of: configuration, among: ["INLINE", "DISTRIBUTED"])
            checkWord("ExecutionType", of: configuration, among: ["STANDARD", "EXPRESS"])
            if configuration["Mode"] == .string("DISTRIBUTED") {
                checkRequired(["ExecutionType"], of: configuration)
            }
        }
        checkScope(processor)
    }

    private mutating func checkWord(_ name: String, of fields: FieldSet, among words: [String]) {
        guard let value = fields[name], !words.contains(value.text ?? "") else { return }
        refuse("Value is not one of [\(words.joined(separator: ", "))]", at: fields.place(name))
    }

    private mutating func checkLabel(_ fields: FieldSet) {
        guard let value = fields["Label"] else { return }
        let place = fields.place("Label")
        guard let label = value.text else { return refuse("Value is not a string", at: place) }
        let forbidden = Set("?*<>{}[]:;,\\|^~$#%&`\"".unicodeScalars)
        let isFit = label.unicodeScalars.allSatisfy { scalar in
            scalar.value > 0x20 && !forbidden.contains(scalar)
        }
        if label.isEmpty || label.unicodeScalars.count > 40 || !isFit {
            report("INVALID_LABEL_NAME", "Label name is invalid: \(label)", at: place)
        } else if !labels.insert(label).inserted {
            report("DUPLICATE_LABEL_NAME", "Duplicate label name: \(label)", at: place)
        }
    }

    /// The parts of a Map in fields of their own, in the language of the state.
    private func part(_ name: String, of judge: StateJudge) -> StateJudge? {
        judge.fields.inner(name).map { StateJudge(fields: $0, language: judge.language) }
    }

    private mutating func checkReader(_ judge: StateJudge) {
        guard let reader = part("ItemReader", of: judge) else { return }
        checkNames(
            of: reader.fields,
            among: ["Resource", "Parameters", "Arguments", "ReaderConfig"]
        )
        checkRequired(["Resource"], of: reader.fields)
        checkInput(reader)
        guard let configuration = reader.fields.inner("ReaderConfig") else { return }
        checkOne(of: ["MaxItems", "MaxItemsPath"], in: configuration)
        checkQuantity("MaxItems", judge, least: 0, most: 100_000_000, of: configuration)
        checkLanguage(of: ["MaxItemsPath"], configuration, judge.language)
        checkReference("MaxItemsPath", of: configuration)
    }

    private mutating func checkBatcher(_ judge: StateJudge) {
        guard let batcher = part("ItemBatcher", of: judge) else { return }
        let counts = ["MaxItemsPerBatch", "MaxInputBytesPerBatch"]
        checkNames(
            of: batcher.fields,
            among: Set(counts + counts.map { $0 + "Path" } + ["BatchInput"])
        )
        for name in counts {
            checkOne(of: [name, name + "Path"], in: batcher.fields)
            checkQuantity(name, batcher, least: 0)
            checkLanguage(of: [name + "Path"], batcher.fields, judge.language)
            checkReference(name + "Path", of: batcher.fields)
        }
        checkTemplate("BatchInput", batcher)
    }

    private mutating func checkWriter(_ judge: StateJudge) {
        guard let writer = part("ResultWriter", of: judge) else { return }
        checkNames(
            of: writer.fields,
            among: ["Resource", "Parameters", "Arguments", "WriterConfig"]
        )
        if writer.fields["WriterConfig"] == nil { checkRequired(["Resource"], of: writer.fields) }
        checkInput(writer)
        guard let configuration = writer.fields.inner("WriterConfig") else { return }
        checkNames(of: configuration, among: ["Transformation", "OutputType"])
        checkWord("Transformation", of: configuration, among: ["NONE", "COMPACT", "FLATTEN"])
        checkWord("OutputType", of: configuration, among: ["JSON", "JSONL"])
    }

    private mutating func checkInput(_ judge: StateJudge) {
        let foreign = judge.language == .jsonPath ? "Arguments" : "Parameters"
        if judge.fields[foreign] != nil {
            refuseLanguage(of: foreign, judge.language, at: judge.fields.location)
        }
        checkTemplate(judge.language == .jsonPath ? "Parameters" : "Arguments", judge)
    }

    private mutating func checkLanguage(
        of names: [String],
        _ fields: FieldSet,
        _ language: QueryLanguage
    ) {
        for name in names where language == .jsonata && fields[name] != nil {
            refuseLanguage(of: name, language, at: fields.location)
        }
    }
}
