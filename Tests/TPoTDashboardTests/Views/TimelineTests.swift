import NIOCore
import TPoTCapture
import TestSupport
import Testing

@testable import TPoTDashboard

@Suite struct TimelineTests {
    private static func time(_ milliseconds: Int) -> NIODeadline { Transcript.deadline(milliseconds) }

    // MARK: The axis

    @Test(arguments: [
        (1000, 60, ["0", "200 ms", "400 ms", "600 ms", "800 ms"]), (10, 24, ["0", "5 ms"]),
        (90_000, 60, ["0", "20 s", "40 s", "1 min", "1 min 20 s"]),
        (7_200_000, 36, ["0", "1 h"]), (30_000, 12, ["0"]), (2500, 30, ["0", "2 s"]),
    ])
    func marksAreRoundAndHaveRoom(milliseconds: Int, columns: Int, texts: [String]) {
        let axis = TimeAxis(from: Self.time(5000), to: Self.time(5000 + milliseconds), columns: columns)
        #expect(axis.ticks.map(\.text) == texts)
    }

    @Test func placesGrowWithTimeAndStayInside() async {
        let refuted = await counterexample(of: "a time axis", rounds: 300) { random in
            let start = Int(random.next(upTo: 1_000_000_000))
            let columns = 1 + Int(random.next(upTo: 300))
            let span = Int(random.next(upTo: 1 << random.next(upTo: 40)))
            let axis = TimeAxis(
                from: Self.time(start),
                to: Self.time(start) + .nanoseconds(Int64(span)),
                columns: columns
            )
            var last = -1
            for part in 0...40 {
                let column = axis.column(of: axis.start + .nanoseconds(axis.span.nanoseconds / 40 * Int64(part)))
                try require(column >= last && column <= columns, "\(column) after \(last) of \(columns)")
                last = column
            }
            try require(!axis.ticks.isEmpty && axis.ticks.count <= columns + 1, "\(axis.ticks.count) marks")
            try require(axis.column(of: .uptimeNanoseconds(0)) <= 0, "before the start")
            try require(axis.columns(from: axis.end, to: axis.end + .hours(1)) == nil, "after the end")
        }
        #expect(refuted == nil)
    }

    // MARK: What is shown

    private func dashboard(_ width: Int = 100, _ height: Int = 24) -> DashboardFixture {
        var dashboard = DashboardFixture(width: width, height: height)
        dashboard.play { traffic in
            traffic.online()
            traffic.visit("GET /long ago")
            traffic.time += 60_000
            for number in 1...3 { traffic.visit("GET /\(number)") }
        }
        return dashboard
    }

    @Test func theTimelineIsAListOfRequests() throws {
        var dashboard = dashboard()
        for key in ["4", "t"] {
            try dashboard.press("1\(key)")
            #expect(dashboard.state.list == .timeline && dashboard.state.context == .timeline)
        }
        #expect(dashboard.selectedRow.contains("GET /3"))
        #expect(try dashboard.press("jr") == [.replay(3, count: 1)])
        try dashboard.press("<enter>")
        #expect(dashboard.text.contains("── 3 GET /2 "))
        try dashboard.press("<esc>/path:/1<enter>")
        #expect(dashboard.state.list == .timeline && dashboard.state.selected == 2)
        try dashboard.press("<esc>")
        #expect(dashboard.state.filter.isEmpty)
        try dashboard.press("<tab>")
        #expect(dashboard.state.list == .requests, "after the last list comes the first")
    }

    @Test func whatCameLongBeforeSaysWhen() throws {
        var dashboard = dashboard()
        try dashboard.press("t")
        let row = try #require(dashboard.screen.text.first { $0.contains("/long") })
        #expect(row.contains("◂ 1 m 01 s before"))
        try dashboard.press("G")
        let newest = try #require(dashboard.screen.text.first { $0.contains("GET /3") })
        #expect(newest.contains(" after ▸"))
        try dashboard.press("----------------")
        #expect(!dashboard.text.contains(" after ▸"), "a longer time has both")
        try dashboard.press("++++++++++++++++++++++++++++")
        #expect(dashboard.text.contains(" after ▸"))
    }

    @Test func concurrencyIsCounted() throws {
        var dashboard = DashboardFixture(width: 140)
        dashboard.play { traffic in
            traffic.online()
            for number in 1...3 {
                traffic.conversation = UInt64(number)
                traffic.open(id: UInt16(number))
                traffic.add(.targetConnected)
                traffic.get("/\(number)")
                traffic.time += 10
            }
            for number in 1...3 {
                traffic.conversation = UInt64(number)
                traffic.answer()
                traffic.time += 10
            }
        }
        try dashboard.press("t")
        #expect(dashboard.text.contains("most at once 3"))
        #expect(dashboard.text.contains("p50 30 ms  p95 30 ms"))
    }

    @Test func whatIsUnderWayRunsOn() throws {
        var dashboard = DashboardFixture(width: 100)
        dashboard.play { traffic in
            traffic.online()
            traffic.open()
            traffic.add(.targetConnected)
            traffic.get("/events")
            traffic.time += 2000
        }
        try dashboard.press("t")
        #expect(dashboard.selectedRow.contains("▒▶"))
        dashboard.wait(milliseconds: 5000)
        #expect(dashboard.selectedRow.contains("▒▶") && dashboard.selectedRow.contains("7.0 s"))
        dashboard.play { $0.answer() }
        #expect(dashboard.selectedRow.contains("▒▒") && !dashboard.selectedRow.contains("▶"))
    }
}
