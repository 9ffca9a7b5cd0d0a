import TPoTTraffic
import TPoTWire
import Testing

@testable import TPoTTunnel

@Suite struct TargetConversationTests {
    @Test(arguments: [
        (ConversationEnd.targetNotConnected, ConversationCause.notConnected),
        (.targetNotSecured, .notConnected),
        (.targetClosed(complete: true), .complete),
        // No answer has begun, so none is incomplete.
        (.targetClosed(complete: false), .complete),
        (.targetReset("reset"), .complete),
        (.closedByUser, .givenUp),
        (.visitorLeft, .givenUp),
        (.limit("of memory"), .limit),
    ])
    func theServerLearnsTheCauseOfTheEnd(end: ConversationEnd, cause: ConversationCause) {
        #expect(ConversationCause(end) == cause)
    }

    @Test func aCutAnswerAndARefusalAreReported() {
        #expect(ConversationCause(.targetClosed(complete: false), isAnswerCut: true) == .incomplete)
        #expect(ConversationCause(.targetReset("reset"), isAnswerCut: true) == .incomplete)
        #expect(ConversationCause(.closedByUser, isRefused: true) == .notConnected)
    }

    @Test func onlyHeldRequestsCanBeRefused() {
        var held = HeldRequests()
        #expect(!held.include(1, isLastIncomplete: false))
        // The target has the beginning of the request; the rest is held once it arrives.
        #expect(held.include(1, isLastIncomplete: true))
        held.wentOn()
        #expect(held.include(1, isLastIncomplete: false))
        held.began()
        held.wentOn()
        #expect(held.include(2, isLastIncomplete: true))
        #expect(!held.include(3, isLastIncomplete: true))
    }
}
