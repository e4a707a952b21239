internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

/// `IncrementalExportSpecification`: which changes an export is of, and what it says of each.
struct ExportSpan: Sendable, Equatable {
    static let member = "IncrementalExportSpecification"
    /// The service's longest.
    static let longestMilliseconds: Int64 = 24 * 60 * 60 * 1_000
    private static let path = "incrementalExportSpecification."

    /// What stands in a line besides the key.
    enum View: String, Sendable, CaseIterable {
        case new = "NEW_IMAGE"
        case newAndOld = "NEW_AND_OLD_IMAGES"
    }

    /// From then on: milliseconds since 1970-01-01 UTC.
    var first: Int64?
    /// Before then; nil is everything until now.
    var end: Int64?
    var view = View.newAndOld

    init(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) {
        var span = (first: Int64?.none, end: Int64?.none, view: View.newAndOld)
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "ExportFromTime": span.first = try reader.readMilliseconds()
            case "ExportToTime": span.end = try reader.readMilliseconds()
            case "ExportViewType":
                let word = try reader.readWord(
                    of: View.allCases.map(\.rawValue),
                    at: Self.path + "exportViewType",
                    &constraints
                )
                span.view = word.flatMap { View(rawValue: $0) } ?? .newAndOld
            default: try reader.skipValue()
            }
        }
        (first, end, view) = span
    }

    /// When it begins, if it is none that is too long or goes back.
    func checkedFirst(at now: Int64) throws(DatabaseError) -> Int64 {
        guard let first else {
            throw DatabaseError(
                .validation,
                "ExportFromTime must be specified in IncrementalExportSpecification"
            )
        }
        guard first < end ?? .max else {
            throw DatabaseError(.validation, "ExportFromTime must be before ExportToTime")
        }
        guard (end ?? now) - first <= Self.longestMilliseconds else {
            throw DatabaseError(
                .validation,
                "ExportFromTime and ExportToTime must not be more than 24 hours apart"
            )
        }
        return first
    }

    /// What is remembered of it, with the end that was found.
    func description(_ span: Range<Int64>) -> Item {
        [
            "ExportFromTime": AttributeValue(milliseconds: span.lowerBound),
            "ExportToTime": AttributeValue(milliseconds: span.upperBound),
            "ExportViewType": .string(view.rawValue),
        ]
    }

    /// Whether an export was asked for with the same.
    func isSame(as description: AttributeValue?) -> Bool {
        guard let known = description?.mapValue, known["ExportViewType"] == .string(view.rawValue)
        else { return false }
        return [("ExportFromTime", first), ("ExportToTime", end)].allSatisfy { name, time in
            time.map { known[name] == AttributeValue(milliseconds: $0) } ?? true
        }
    }
}

/// What an export reads: the items of one time, or the changes between two.
enum ExportSource: Sendable {
    case items(PastTable)
    case changes(PastChanges, ExportSpan.View)

    var table: TableDescription {
        switch self {
        case .items(let past): past.table
        case .changes(let changes, _): changes.table
        }
    }

    /// Hands it all to the files, and notes how far it is.
    func read(
        into files: ExportFiles,
        _ database: Database,
        for identity: TransferIdentity
    ) async throws(DatabaseError) {
        @Sendable func note(_ items: Int, of total: Int) {
            let progress = TransferProgress(done: items, total: total, items: items)
            database.note(progress, of: identity)
        }
        switch self {
        case .items(let past):
            try await database.readPast(past) { values throws(DatabaseError) in
                note(try await files.add(values), of: past.table.itemCount)
            }
        case .changes(let changes, let view):
            try await database.readPastChanges(changes) { changes throws(DatabaseError) in
                note(try await files.add(changes, view), of: 0)
            }
        }
    }

    /// Does not read it after all.
    func leave(_ database: Database) async throws(DatabaseError) {
        switch self {
        case .items(let past): try await database.leavePast(past)
        case .changes: database.leavePastChanges()
        }
    }
}
