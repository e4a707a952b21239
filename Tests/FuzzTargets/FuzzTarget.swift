internal import ShaleBytes
internal import ShaleEngine
internal import ShaleExpressions
internal import ShaleItems
internal import ShaleServer
internal import ShaleTables
internal import ShaleWire

/// A decoder that takes bytes from outside: any bytes, and it must return.
///
/// A trap is a finding; so is something that was decoded, encoded, and is then decoded otherwise.
public enum FuzzTarget: String, Sendable, CaseIterable {
    case batch, recordHeader, segmentBody, segmentPage, manifest, dataBlock, indexPiece
    case otherPieces, notes, file, lz4, item, key, number, expression, json, request, http
    case signature, catalog, stream, statement, policy

    /// Lets the decoder look at the bytes.
    public func run(_ bytes: [UInt8]) async {
        if self == .request { return await RequestTarget.run(bytes) }
        runNow(bytes)
    }

    /// The same for a target other than `request`, without waiting.
    public func runNow(_ bytes: [UInt8]) {
        switch self {
        case .batch: DecoderProbe.batch(bytes)
        case .recordHeader: DecoderProbe.recordHeader(bytes)
        case .segmentBody: DecoderProbe.segmentBody(bytes)
        case .segmentPage: DecoderProbe.segmentPage(bytes)
        case .manifest: DecoderProbe.manifest(bytes)
        case .dataBlock: DecoderProbe.dataBlock(bytes)
        case .indexPiece: DecoderProbe.indexPiece(bytes)
        case .otherPieces: DecoderProbe.otherPieces(bytes)
        case .notes: DecoderProbe.notes(bytes)
        case .file: FileTarget.run(bytes)
        case .lz4: Self.lz4(bytes)
        case .item: ItemTargets.item(bytes)
        case .key: ItemTargets.key(bytes)
        case .number: ItemTargets.number(bytes)
        case .expression: ExpressionTarget.run(bytes)
        case .json: WireTargets.json(bytes)
        case .request: break
        case .http: HTTPProbe.parse(bytes)
        case .signature: WireTargets.signature(bytes)
        case .policy: WireTargets.policy(bytes)
        case .catalog: CatalogProbe.decode(bytes)
        case .stream: StreamTarget.run(bytes)
        case .statement: StatementTarget.run(bytes)
        }
    }

    /// The first two bytes say how long the result claims to be.
    private static func lz4(_ bytes: [UInt8]) {
        guard bytes.count >= 2 else { return }
        let size = Int(bytes[0]) | Int(bytes[1]) << 8
        let packed = Array(bytes.dropFirst(2))
        do throws(LZ4.Malformed) {
            // Safety: every bit pattern of a byte is a byte.
            let body = try unsafe LZ4.decompress(packed.span.bytes, size: size)
            precondition(body.count == size, "a block has the size it claims")
        } catch {
            // It is refused.
        }
    }
}
