import Foundation
import ShaleMeter

/// A file of prices: one JSON object, which users edit.
enum PriceFile {
    /// More than any such file has.
    private static let limitBytes = 64 * 1024

    private struct Members: Codable {
        var name: String
        var currency: String
        var millionReadRequestUnits: Double
        var millionWriteRequestUnits: Double
        var readUnitHour: Double
        var writeUnitHour: Double
        var gigabyteMonth: Double
        var backupGigabyteMonth: Double
        var hundredThousandStreamReads: Double
        var millionFunctionRequests: Double
        var functionGigabyteSecond: Double
        var targetUtilizationPercent: Double
    }

    /// Reads a file, and says what is wrong with it.
    static func read(_ path: String) throws -> PriceList {
        let members: Members
        do {
            let handle = try FileHandle(forReadingFrom: URL(filePath: path))
            let data = try handle.read(upToCount: limitBytes + 1) ?? Data()
            guard data.count <= limitBytes else {
                throw Complaint(.usage, "\(path) is no file of prices: it is over 64 KiB")
            }
            members = try JSONDecoder().decode(Members.self, from: data)
        } catch let error as DecodingError {
            throw Complaint(
                .usage,
                "\(path) is no file of prices: \(words(error)). "
                    + "`shale cost --print-prices` prints an example"
            )
        } catch let error as Complaint {
            throw error
        } catch {
            throw Complaint(.couldNotStart, "\(path) cannot be read: \(error.localizedDescription)")
        }
        let list = PriceList(
            name: members.name,
            currency: members.currency,
            millionReadRequestUnits: members.millionReadRequestUnits,
            millionWriteRequestUnits: members.millionWriteRequestUnits,
            readUnitHour: members.readUnitHour,
            writeUnitHour: members.writeUnitHour,
            gigabyteMonth: members.gigabyteMonth,
            backupGigabyteMonth: members.backupGigabyteMonth,
            hundredThousandStreamReads: members.hundredThousandStreamReads,
            millionFunctionRequests: members.millionFunctionRequests,
            functionGigabyteSecond: members.functionGigabyteSecond,
            targetUtilizationPercent: members.targetUtilizationPercent
        )
        guard (1...100).contains(list.targetUtilizationPercent) else {
            throw Complaint(.usage, "\(path): targetUtilizationPercent is from 1 to 100")
        }
        return list
    }

    private static func words(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, _): "\"\(key.stringValue)\" is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\"\(context.codingPath.map(\.stringValue).joined(separator: "."))\" has another type"
        default: "it is no JSON object"
        }
    }

    /// The file that holds these prices.
    static func text(_ list: PriceList) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let members = Members(
            name: list.name,
            currency: list.currency,
            millionReadRequestUnits: list.millionReadRequestUnits,
            millionWriteRequestUnits: list.millionWriteRequestUnits,
            readUnitHour: list.readUnitHour,
            writeUnitHour: list.writeUnitHour,
            gigabyteMonth: list.gigabyteMonth,
            backupGigabyteMonth: list.backupGigabyteMonth,
            hundredThousandStreamReads: list.hundredThousandStreamReads,
            millionFunctionRequests: list.millionFunctionRequests,
            functionGigabyteSecond: list.functionGigabyteSecond,
            targetUtilizationPercent: list.targetUtilizationPercent
        )
        return String(decoding: try encoder.encode(members), as: UTF8.self)
    }
}
