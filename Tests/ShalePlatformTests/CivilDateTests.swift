import ShalePlatform
import Testing

@Suite struct CivilDateTests {
    @Test(arguments: [
        (
            Int64(784_111_777), "Sun Nov 06 08:49:37 UTC 1994",
            "Sunday, November 6, 1994 at 8:49:37 AM Coordinated Universal Time"
        ),
        (
            1_764_115_200, "Wed Nov 26 00:00:00 UTC 2025",
            "Wednesday, November 26, 2025 at 12:00:00 AM Coordinated Universal Time"
        ),
        (
            1_764_072_001, "Tue Nov 25 12:00:01 UTC 2025",
            "Tuesday, November 25, 2025 at 12:00:01 PM Coordinated Universal Time"
        ),
        (
            1_582_977_599, "Sat Feb 29 11:59:59 UTC 2020",
            "Saturday, February 29, 2020 at 11:59:59 AM Coordinated Universal Time"
        ),
    ])
    func `a moment is written as people read it`(seconds: Int64, unix: String, long: String) {
        #expect(CivilDate(seconds: seconds).unixText == unix)
        #expect(CivilDate(seconds: seconds).longText == long)
    }
}
