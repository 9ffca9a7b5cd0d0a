import Testing

@testable import TPoTTunnel

/// Each test is a transcript: the events, and the effects that the machine asks for.
@Suite struct VisitorMachineTests {
    private typealias Reading = VisitorMachine.Reading

    private func opened() -> VisitorMachine {
        var machine = VisitorMachine()
        machine.opened()
        return machine
    }

    // MARK: The target ends it

    @Test(arguments: [
        (VisitorMachine.Ending.complete, VisitorMachine.Effects.finishVisitor), (.unanswered, .finishVisitor),
        (.cut, .resetVisitor),
    ])
    func theTargetCloses(ending: VisitorMachine.Ending, way: VisitorMachine.Effects) {
        var machine = opened()
        // Our X answers the client's X: the reference server waits for such an answer, and other peers may too.
        #expect(machine.targetClosed(ending) == [.sendClosedDiscarding, way])
        #expect(machine.targetClosed(ending) == [])
        #expect(machine.isLeaving)
        #expect(machine.readsVisitor)
        #expect(machine.visitorGone() == [])
    }

    @Test func theTargetCannotBeConnected() {
        var machine = opened()
        #expect(
            machine.targetNotConnected(Reading(answersDue: 1))
                == [.sendClosedDiscarding, .answerNotConnected, .finishVisitor]
        )
        // The X that follows an N has no new information.
        #expect(machine.targetClosed(.unanswered) == [])

        var begun = opened()
        let reading = Reading(answersDue: 1, isAnswerBegun: true)
        #expect(begun.targetNotConnected(reading) == [.sendClosedDiscarding, .resetVisitor])
    }

    /// No answer of ours is sent after one of the target: the visitor would take it for the next answer.
    @Test func aTargetThatHasAnsweredWasConnected() {
        var idle = opened()
        #expect(idle.targetNotConnected(Reading()) == [.sendClosedDiscarding, .finishVisitor])
        #expect(idle.targetNotConnected(Reading(answersDue: 1)) == [])

        var sending = opened()
        let incomplete = Reading(isRequestIncomplete: true)
        #expect(sending.targetNotConnected(incomplete) == [.sendClosedDiscarding, .finishVisitor])

        var upgraded = opened()
        #expect(upgraded.targetNotConnected(Reading(isOpaque: true)) == [.sendClosedDiscarding, .resetVisitor])

        var closed = opened()
        _ = closed.targetClosed(.complete)
        #expect(closed.targetNotConnected(Reading(answersDue: 1)) == [])
        #expect(closed.targetNotConnected(Reading()) == [])
    }

    // MARK: What cannot be told apart

    @Test func anAnswerThatCannotBeReadIsNotDelivered() {
        var head = opened()
        #expect(
            head.answerUnreadable(inBody: false, Reading(answersDue: 1))
                == [.sendClosedDiscarding, .answerUnreadable, .finishVisitor]
        )
        #expect(head.answerUnreadable(inBody: false, Reading(answersDue: 1)) == [])
        var body = opened()
        #expect(
            body.answerUnreadable(inBody: true, Reading(answersDue: 1, isAnswerBegun: true))
                == [.sendClosedDiscarding, .abortVisitor]
        )
        var unasked = opened()
        #expect(unasked.answerUnreadable(inBody: false, Reading()) == [.sendClosedDiscarding, .finishVisitor])
    }

    @Test func aRequestForAnotherDestinationEndsAllAtOnce() {
        var machine = opened()
        #expect(machine.crossed() == [.sendClosedDiscarding, .abortVisitor])
        #expect(machine.isLeaving)
        #expect(machine.targetClosed(.complete) == [])
        #expect(machine.answered(Reading()) == [])
        #expect(machine.crossed() == .abortVisitor)
    }

    // MARK: The tunnel goes away

    @Test func theTunnelGoesAway() {
        var waiting = opened()
        #expect(waiting.tunnelLost(Reading(answersDue: 1)) == [.answerTunnelLost, .finishVisitor])
        var answering = opened()
        #expect(answering.tunnelLost(Reading(answersDue: 1, isAnswerBegun: true)) == .resetVisitor)
        var upgraded = opened()
        #expect(upgraded.tunnelLost(Reading(isOpaque: true)) == .resetVisitor)
        var idle = opened()
        #expect(idle.tunnelLost(Reading()) == .finishVisitor)
        var none = VisitorMachine()
        #expect(none.tunnelLost(Reading()) == [])
    }

    // MARK: The visitor ends it

    @Test func aHalfCloseWaitsForItsAnswer() {
        var machine = opened()
        #expect(machine.visitorEnded(Reading(answersDue: 2)) == .watchSilence)
        #expect(machine.visitorEnded(Reading(answersDue: 2)) == [])
        #expect(machine.answered(Reading(answersDue: 1)) == [])
        #expect(machine.answered(Reading()) == [.sendClosed, .finishVisitor])
        #expect(machine.silent() == [])
    }

    @Test(arguments: [
        VisitorMachine.Reading(), .init(answersDue: 1, isRequestIncomplete: true), .init(answersDue: 1, isOpaque: true),
    ])
    func aHalfCloseWithNothingDueIsTheEnd(reading: VisitorMachine.Reading) {
        var machine = opened()
        #expect(machine.visitorEnded(reading) == [.sendClosed, .finishVisitor])
        #expect(machine.isLeaving)
    }

    @Test func aHalfCloseWhileTheTunnelIsAwaitedIsActedOnWhenItIsBack() {
        var machine = VisitorMachine()
        #expect(machine.visitorEnded(Reading(answersDue: 1, isTunnelAwaited: true)) == [])
        #expect(machine.isEndDeferred && !machine.isLeaving)
        var givenUp = machine
        machine.opened(knowsHalf: true)
        #expect(machine.visitorEnded(Reading(answersDue: 1)) == [.sendHalfClosed, .watchSilence])
        #expect(!machine.isEndDeferred && machine.hasInputEnded)
        // In this copy the tunnel does not come back.
        #expect(givenUp.answeredByServer() == .finishVisitor)
        #expect(givenUp.hasInputEnded)
    }

    @Test func aHalfClosedVisitorTimesOut() {
        var machine = opened()
        #expect(machine.silent() == [])
        _ = machine.visitorEnded(Reading(answersDue: 1))
        #expect(machine.silent() == [.sendClosedDiscarding, .closeVisitor])
        #expect(machine.answered(Reading()) == [])
    }

    @Test func anAnswerThatTurnsOpaqueEndsAHalfClosedVisitor() {
        var machine = opened()
        _ = machine.visitorEnded(Reading(answersDue: 1))
        #expect(machine.answered(Reading(answersDue: 1, isOpaque: true)) == [.sendClosed, .finishVisitor])
    }

    @Test func aVisitorWhoEndsWithoutAConversationIsClosed() {
        var machine = VisitorMachine()
        #expect(machine.visitorEnded(Reading()) == .closeVisitor)
        var leaving = opened()
        _ = leaving.targetClosed(.complete)
        #expect(leaving.visitorEnded(Reading()) == [])
        #expect(leaving.hasInputEnded)
    }

    @Test func theVisitorIsGone() {
        var machine = opened()
        #expect(machine.visitorGone() == .sendClosedDiscarding)
        #expect(machine.visitorGone() == [])
        #expect(machine.targetClosed(.cut) == [])
    }

    @Test func aCompleteAnswerDoesNotEndAnOpenVisitor() {
        var machine = opened()
        #expect(machine.answered(Reading()) == [])
        #expect(machine.isOpen)
    }

    // MARK: Another conversation

    @Test func aLateCloseOfTheOldConversationDoesNotTouchTheNew() {
        var machine = opened()
        machine.pausedByTarget()
        _ = machine.waitingChanged(bytes: 300_000)
        #expect(machine.left() == .sendClosed)
        #expect(machine.left() == [])
        #expect(machine.readsVisitor)
        #expect(machine.targetClosed(.unanswered) == [])
        machine.opened()
        #expect(machine.isOpen)
        #expect(!machine.isPausedByTarget && !machine.hasPausedTarget && !machine.isLeaving)
    }

    @Test func theServerAnswersItself() {
        var machine = VisitorMachine()
        #expect(machine.answeredByServer() == .finishVisitor)
        #expect(machine.isLeaving)
        #expect(machine.readsVisitor)
    }

    // MARK: Flow control

    @Test func pausesAndContinuesAreIdempotent() {
        var machine = opened()
        #expect(machine.resumedByTarget() == [])
        machine.pausedByTarget()
        machine.pausedByTarget()
        #expect(!machine.readsVisitor)
        #expect(machine.resumedByTarget() == .readVisitor)
        #expect(machine.resumedByTarget() == [])
    }

    @Test func aSlowVisitorMakesTheTargetWaitOnce() {
        var machine = opened()
        #expect(machine.waitingChanged(bytes: 0) == [])
        #expect(machine.waitingChanged(bytes: 300_000) == .sendPause)
        #expect(machine.waitingChanged(bytes: 900_000) == [])
        #expect(machine.waitingChanged(bytes: 0) == .sendResume)
    }

    @Test func aClientThatIgnoresAPauseIsCutOff() {
        var machine = opened()
        _ = machine.waitingChanged(bytes: VisitorMachine.resetBytes)
        let effects = machine.waitingChanged(bytes: VisitorMachine.resetBytes + 1)
        #expect(effects == [.sendClosedDiscarding, .closeVisitor])
        #expect(machine.waitingChanged(bytes: 0) == [])
    }
}
