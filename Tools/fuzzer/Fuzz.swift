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
///
/// It lends `count` bytes for the duration of the call.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // Safety: as above.
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

/// The loop of libFuzzer, whose `main` is not linked, since the package manager brings one.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

@main
enum Fuzz {
    static func main() {
        // Safety: libFuzzer reads the arguments of the process, which live as long as it.
        unsafe exit(drive(CommandLine.argc, CommandLine.unsafeArgv))
    }

    private static func drive(
        _ count: CInt,
        _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    ) -> CInt {
        var count = count
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe arguments
        // Safety: both pointers are valid during the call.
        return unsafe runDriver(&count, &arguments, { unsafe fuzzOneInput($0, $1) })
    }
}
