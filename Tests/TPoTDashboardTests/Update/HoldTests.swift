import NIOCore
import TPoTInspect
import TPoTTraffic
import TestSupport
import Testing

@testable import TPoTDashboard

/// A hold by filter: the prompt for it, and the keys of a held request.
@Suite struct HoldTests {
    /// Exchange 1 is held, and 2 waits behind it.
    private func dashboard() -> DashboardFixture {
        var dashboard = DashboardFixture(width: 120)
        dashboard.play { traffic in
            traffic.online()
            traffic.tunnel(.holdingMatching("POST path:/hook"))
            traffic.arrive()
            traffic.request("POST /hook HTTP/1.1\r\nHost: a\r\nContent-Length: 4", body: "half", ends: false)
            traffic.add(.requestHeld(71, isMatch: true))
            traffic.add(.requestEnd)
            traffic.request("GET /behind HTTP/1.1\r\nHost: a", ends: false)
            traffic.add(.requestHeld(72, isMatch: false))
            traffic.add(.requestEnd, after: 3200)
        }
        return dashboard
    }

    @Test func bigPAsksForAFilterAndHolds() throws {
        var dashboard = DashboardFixture(width: 120)
        dashboard.play { $0.online() }
        #expect(try dashboard.press("P") == [])
        #expect(dashboard.lastRow.contains("hold:"))
        #expect(dashboard.lastRow.contains("method: path: remote: from: header: -word"))
        #expect(try dashboard.press("<enter>") == [])
        #expect(dashboard.lastRow.contains("hold what?"))
        #expect(try dashboard.press("event:paid<enter>") == [])
        #expect(dashboard.text.contains("event: is not known when a hold has to decide"))
        #expect(
            try dashboard.press("<c-u>POST path:/hook<enter>") == [.holdMatching(try HeadFilter("POST path:/hook"))]
        )
        dashboard.play { $0.tunnel(.holdingMatching("POST path:/hook")) }
        #expect(dashboard.row(0).contains("■ holding POST path:/hook"))
    }

    @Test(arguments: ["p", "P"]) func eitherPReleases(key: String) throws {
        var dashboard = dashboard()
        #expect(try dashboard.press(key) == [.hold(false)])
        #expect(dashboard.row(0).contains("● online"))
    }

    @Test func theKeysOfAHeldRequest() throws {
        var dashboard = dashboard()
        try dashboard.press("j")
        #expect(dashboard.selectedRow.contains("held 3.2 s"))
        #expect(dashboard.lastRow.contains("l let go"))
        #expect(try dashboard.press("l") == [.letGo(71)])
        #expect(try dashboard.press("e") == [.editHeld(1)])
        #expect(try dashboard.press("x<enter>") == [.refuse(71, status: 503)])
        #expect(try dashboard.press("x<c-u>99<enter>") == [])
        #expect(dashboard.lastRow.contains("a status from 200 to 599, please"))
        #expect(try dashboard.press("<c-u>429<enter>") == [.refuse(71, status: 429)])
        #expect(try dashboard.press("x<esc>l") == [.letGo(71)])
    }

    @Test func theyWorkInTheDetail() throws {
        var dashboard = dashboard()
        try dashboard.press("j<enter>")
        #expect(dashboard.text.contains("POST /hook"))
        #expect(try dashboard.press("l") == [.letGo(71)])
        #expect(try dashboard.press("<right>l") == [.letGo(71)])
        #expect(dashboard.text.contains("no answer yet: it is held; l lets it go"))
    }

    @Test func aRequestBehindAHeldOneIsNotDecided() throws {
        var dashboard = dashboard()
        #expect(!dashboard.lastRow.contains("let go"))
        #expect(try dashboard.press("l") == [])
        #expect(dashboard.lastRow == " ! 2 waits behind a held request of its connection")
        #expect(try dashboard.press("x") == [])
    }

    @Test func aRequestThatIsNotHeldIsNotLetGo() throws {
        var dashboard = dashboard()
        try dashboard.press("jx")
        dashboard.play { $0.add(.requestReleased(71)) }
        #expect(try dashboard.press("<enter>") == [])
        #expect(dashboard.lastRow.contains("1 is not held any more"))
        #expect(try dashboard.press("l") == [])
        #expect(dashboard.lastRow == " ! 1 is not held")
    }

    @Test func aRequestThatIsNotWholeIsNotEdited() throws {
        var dashboard = DashboardFixture(width: 120)
        dashboard.play { traffic in
            traffic.online()
            traffic.arrive()
            traffic.request("POST /hook HTTP/1.1\r\nHost: a\r\nContent-Length: 4", ends: false)
            traffic.add(.requestHeld(71, isMatch: true))
        }
        #expect(try dashboard.press("e") == [])
        #expect(dashboard.lastRow.hasPrefix(" ! 1 cannot be edited: "))
    }

    @Test func whatWasEditedIsShown() throws {
        var dashboard = dashboard()
        dashboard.play { traffic in
            let head = Array("POST /edited HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n".utf8)
            traffic.add(.requestEdited(71, head: head, body: ByteBuffer(string: "other")))
            traffic.add(.requestReleased(71))
        }
        try dashboard.press("j<enter><enter>")
        #expect(dashboard.text.contains("edited while it was held; the target got:"))
        #expect(dashboard.text.contains("POST /edited"))
        #expect(dashboard.text.contains("other"))
        #expect(!dashboard.text.contains("half"))
    }
}
