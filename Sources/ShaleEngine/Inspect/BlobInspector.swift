internal import ShaleBytes
internal import ShalePlatform

/// Explains every byte of a blob segment; with a manifest beside it also which blobs nobody needs.
struct BlobInspector {
    private let directory: String
    private let name: String
    private let files: any FileSystem

    init(_ name: String, in directory: String, _ files: any FileSystem) {
        self.name = name
        self.directory = directory
        self.files = files
    }

    func parts(of file: any File) throws(EngineError) -> [FilePart] {
        var walk = try BlobFileWalk(file, name: name)
        let number = FileNumber(name: name, suffix: BlobFormat.suffix)
        let state = number == nil ? nil : manifest()
        walk.walk(expecting: nil, needed: number.flatMap { needed(of: $0, state) })
        var parts = walk.parts
        for index in parts.indices {
            for problem in walk.problems {
                guard let offset = problem.offset, parts[index].range.contains(offset),
                    !parts[index].lines.contains(problem.reason)
                else { continue }
                parts[index].isDamaged = true
                parts[index].lines.append("problem at \(offset): \(problem.reason)")
            }
        }
        if let number, let state, let header = parts.firstIndex(where: { $0.what == "header" }) {
            parts[header].lines.append(words(of: number, state))
        }
        return parts
    }

    private func words(of number: FileNumber, _ state: ManifestState) -> String {
        guard let reference = state.blobFiles[number] else {
            return "the manifest does not name this segment: the next opening removes it"
        }
        let live = state.liveBlobBytes[number] ?? 0
        return "runs refer to \(live) of its \(reference.blobBytes) bytes of blobs"
    }

    /// What the manifest beside the file says; nil if there is none that can be read.
    private func manifest() -> ManifestState? {
        do throws(EngineError) {
            let place = DatabaseDirectory(path: directory, files: files)
            return try ManifestReader(try DatabaseOpening.manifestBytes(place)).state
        } catch {
            return nil
        }
    }

    /// Where the blobs begin that runs refer to; nil if not all of them can be read.
    private func needed(of number: FileNumber, _ state: ManifestState?) -> Set<UInt64>? {
        guard let state, state.blobFiles[number] != nil else { return nil }
        let cache = BlockCache(capacityBytes: 0)
        var needed: Set<UInt64> = []
        do throws(EngineError) {
            for partition in state.partitions.values {
                for piece in partition.runs.flatMap(\.pieces) where piece.blobs.touch([number]) {
                    guard let reference = state.files[piece.file] else { return nil }
                    let file = RunFile(reference, in: directory, files: files, cache: cache)
                    let lost = try file.section(piece.section).salvage { _, kind, value in
                        guard kind == .blob, BlobShare(of: value).file == number else { return }
                        let place = BlobReference.pointerOffset
                        needed.insert(PiecePointer(in: value, at: place).offset)
                    }
                    guard lost.isEmpty else { return nil }
                }
            }
        } catch {
            return nil
        }
        return needed
    }
}
