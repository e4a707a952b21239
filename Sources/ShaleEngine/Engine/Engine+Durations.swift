internal import ShalePlatform

extension Engine {
    /// How long background work took in the last life of the database that ended with a close; nil if
    /// nobody knows.
    ///
    /// Reads a file.
    public var durationsOfLastLife: EngineDurations? {
        do throws(FileError) {
            let file = try world.files.open(durationsPath, .read)
            defer { file.close() }
            let size = try file.sizeBytes()
            guard size <= DurationsFormat.largestSizeBytes else { return nil }
            return DurationsFormat.decode(try file.read(at: 0, count: size))
        } catch {
            return nil
        }
    }

    private var durationsPath: String { directory + "/" + DurationsFormat.fileName }

    /// Leaves what was counted for the next who asks; if that fails, nothing is lost.
    func saveDurations() {
        guard readWriteLane != nil else { return }
        do throws(FileError) {
            if try world.files.kind(of: durationsPath) != nil {
                try world.files.remove(durationsPath)
            }
            let file = try world.files.open(durationsPath, .create)
            defer { file.close() }
            try file.write(DurationsFormat.encode(durations.counted), at: 0)
        } catch {
            // Nothing depends on it.
        }
    }
}
