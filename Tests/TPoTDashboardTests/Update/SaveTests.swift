import TestSupport
import Testing

@testable import TPoTDashboard

@Suite struct SaveTests {
    private func dashboard(request: String?, answer: String?) -> DashboardFixture {
        var dashboard = DashboardFixture()
        dashboard.play { traffic in
            traffic.online()
            traffic.exchange(body: request, answer: answer)
        }
        return dashboard
    }

    @Test func theOnlyBodyIsSavedAtOnce() throws {
        var dashboard = dashboard(request: "a", answer: nil)
        #expect(try dashboard.press("S") == [.saveBody(1, ofResponse: false)])
    }

    @Test(arguments: [("1", false), ("2", true)])
    func ofTwoBodiesTheUserChoosesOne(key: String, isResponse: Bool) throws {
        var dashboard = dashboard(request: "a", answer: "b")
        #expect(try dashboard.press("<enter>S").isEmpty)
        #expect(dashboard.lastRow == " save the body of:  1 request  2 response  esc nothing")
        #expect(try dashboard.press(key) == [.saveBody(1, ofResponse: isResponse)])
        #expect(dashboard.state.prompt == nil)
        for key in ["<esc>", "q", "?", "x"] {
            #expect(try dashboard.press("S\(key)").isEmpty)
            #expect(dashboard.state.context == .split)
        }
    }

    @Test func aMessageSaysThatThereIsNoBody() throws {
        var dashboard = dashboard(request: nil, answer: nil)
        #expect(try dashboard.press("S").isEmpty)
        #expect(dashboard.lastRow == " ! 1: there is no body")
    }
}
