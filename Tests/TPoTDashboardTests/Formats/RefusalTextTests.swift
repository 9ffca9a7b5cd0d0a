import TPoTInspect
import Testing

@testable import TPoTDashboard

@Suite struct RefusalTextTests {
    @Test(arguments: [
        (ReplayRefusal.notKept, "it is not kept any more"),
        (.upgraded, "an upgraded conversation cannot be replayed, only a request with its answer"),
        (.partOfBody(captured: 3, of: 5), "only 3 of 5 bytes were captured (--capture-body)"),
        (.unfinished(isOver: true), "the request never came to its end"),
        (.emptyText, "the text is empty: nothing was sent"),
        (.noRequestLine, "the first line must be METHOD /path HTTP/1.1"),
        (.noColon("x"), "a header line has no colon: x"),
    ])
    func aRefusalHasItsReason(refusal: ReplayRefusal, text: String) {
        #expect(refusal.text == text)
    }
}
