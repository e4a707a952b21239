internal import Dispatch
internal import Foundation
internal import FuzzTargets

/// The target that `SHALE_FUZZ_TARGET` names.
private let target: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["SHALE_FUZZ_TARGET"] ?? ""
    guard let target = FuzzTarget(rawValue: name) else { fatalError("no target \(name)") }
    return target
}()

/// What libFuzzer calls with each input; `Tools/fuzz` builds and starts it.
// Safety: libFuzzer lends `count` bytes for the duration of the call.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    guard target == .request else {
        target.runNow(bytes)
        return 0
    }
    let done = DispatchSemaphore(value: 0)
    Task.detached {
        await target.run(bytes)
        done.signal()
    }
    done.wait()
    return 0
}
