import Testing

@testable import TPoTTunnel

/// Each test is a transcript: the events, and the effects that the machine asks for.
@Suite struct TargetConversationMachineTests {
    private typealias Machine = TargetConversationMachine

    private func connected() -> TargetConversationMachine {
        var machine = Machine()
        #expect(machine.opened(held: false) == .connectTarget)
        #expect(machine.targetConnected() == [.forwardWaiting, .readTarget])
        return machine
    }

    @Test func anOrdinaryConversation() {
        var machine = Machine()
        #expect(machine.opened(held: false) == .connectTarget)
        #expect(machine.visitorSent() == .keep)
        #expect(!machine.readsTarget)
        #expect(machine.targetConnected() == [.forwardWaiting, .readTarget])
        #expect(machine.visitorSent() == .forward)
        #expect(machine.readsTarget)
        #expect(machine.targetClosed() == .sendClosed)
        #expect(machine.visitorSent() == .ignore)
        #expect(machine.isOver)
        // The reference server never answers our close. Our server does, and we do not answer again.
        #expect(machine.visitorClosed() == [])
    }

    @Test func theTargetRefuses() {
        var machine = Machine()
        _ = machine.opened(held: false)
        #expect(machine.targetCouldNotConnect() == [.sendCouldNotConnect, .sendClosed])
        #expect(machine.isOver)
        #expect(machine.visitorClosed() == [])
        #expect(machine.targetCouldNotConnect() == [])
    }

    @Test func aHeldConversationIsRefused() {
        var machine = Machine()
        #expect(machine.opened(held: true) == [])
        #expect(machine.refused() == [.sendCouldNotConnect, .sendClosedDiscarding, .closeTarget])
        #expect(machine.isOver)
        #expect(machine.refused() == [])
        #expect(machine.visitorClosed() == [])
    }

    @Test func theVisitorClosesFirst() {
        var machine = connected()
        #expect(machine.visitorClosed() == [.sendClosedDiscarding, .finishTarget])
        #expect(machine.visitorClosed() == [])
        #expect(!machine.readsTarget)
        #expect(!machine.isOver)
        #expect(machine.targetClosed() == [])
        #expect(machine.isOver)
    }

    @Test func theVisitorClosesWhileTheTargetConnects() {
        var machine = Machine()
        _ = machine.opened(held: false)
        #expect(machine.visitorClosed() == [.sendClosedDiscarding, .finishTarget])
        // Bytes that the visitor had already sent are still delivered.
        #expect(machine.targetConnected() == .finishTarget)
        #expect(machine.targetClosed() == [])

        var other = Machine()
        _ = other.opened(held: false)
        _ = other.visitorClosed()
        #expect(other.targetCouldNotConnect() == [])
        #expect(other.isOver)
    }

    @Test func theTunnelGoesAway() {
        var machine = connected()
        #expect(machine.tunnelLost() == .closeTarget)
        #expect(machine.targetClosed() == [])
        #expect(machine.tunnelLost() == [])

        var connecting = Machine()
        _ = connecting.opened(held: false)
        #expect(connecting.tunnelLost() == .closeTarget)
        #expect(connecting.targetConnected() == .closeTarget)
    }

    // MARK: Flow control

    @Test func pausesAndContinuesAreIdempotent() {
        var machine = connected()
        #expect(machine.resumedByVisitor() == [])
        machine.pausedByVisitor()
        machine.pausedByVisitor()
        #expect(!machine.readsTarget)
        #expect(machine.resumedByVisitor() == .readTarget)
        #expect(machine.resumedByVisitor() == [])
    }

    @Test func aPauseCountsBeforeTheTargetHasConnected() {
        var machine = Machine()
        _ = machine.opened(held: false)
        machine.pausedByVisitor()
        _ = machine.targetConnected()
        #expect(!machine.readsTarget)
        #expect(machine.resumedByVisitor() == .readTarget)
    }

    @Test func aSlowTargetMakesTheVisitorWaitOnce() {
        var machine = connected()
        let pause = Machine.pauseBytes
        #expect(machine.waitingChanged(bytes: pause) == [])
        #expect(machine.waitingChanged(bytes: pause + 1) == .sendPause)
        #expect(machine.waitingChanged(bytes: 2 * pause) == [])
        #expect(machine.waitingChanged(bytes: Machine.resumeBytes + 1) == [])
        #expect(machine.waitingChanged(bytes: Machine.resumeBytes) == .sendResume)
        #expect(machine.waitingChanged(bytes: 0) == [])
    }

    @Test func pausesEarlyAtALowerBound() {
        var machine = connected()
        #expect(machine.waitingChanged(bytes: 20_000, pauseAt: 16_384) == .sendPause)
        #expect(machine.waitingChanged(bytes: 17_000, pauseAt: 16_384) == [])
        #expect(machine.waitingChanged(bytes: 16_000, pauseAt: 16_384) == .sendResume)
    }

    @Test func aServerThatIgnoresAPauseIsCutOff() {
        var machine = connected()
        _ = machine.waitingChanged(bytes: Machine.resetBytes)
        let effects = machine.waitingChanged(bytes: Machine.resetBytes + 1)
        #expect(effects == [.sendClosedDiscarding, .closeTarget])
        #expect(machine.waitingChanged(bytes: Machine.resetBytes + 1) == [])
        #expect(machine.visitorSent() == .ignore)
    }

    // MARK: Holding

    @Test func aHeldConversationConnectsWhenReleased() {
        var machine = Machine()
        #expect(machine.opened(held: true) == [])
        #expect(machine.visitorSent() == .keep)
        #expect(machine.waitingChanged(bytes: Machine.pauseBytes + 1) == .sendPause)
        #expect(machine.release() == .connectTarget)
        #expect(machine.release() == [])
        #expect(machine.targetConnected() == [.forwardWaiting, .readTarget])
    }

    @Test func aHoldKeepsRequestsAndLetsAnswersPass() {
        var machine = connected()
        machine.hold()
        #expect(machine.visitorSent() == .keep)
        #expect(machine.readsTarget)
        #expect(machine.release() == .forwardWaiting)
        #expect(machine.visitorSent() == .forward)
    }

    @Test func aHoldWhileTheTargetConnects() {
        var machine = Machine()
        _ = machine.opened(held: false)
        machine.hold()
        #expect(machine.targetConnected() == .readTarget)
        #expect(machine.release() == .forwardWaiting)

        var released = Machine()
        _ = released.opened(held: false)
        released.hold()
        #expect(released.release() == [])
        #expect(released.targetConnected() == [.forwardWaiting, .readTarget])
    }

    @Test func aVisitorWhoLeavesDuringAHoldLeavesNothingBehind() {
        var machine = Machine()
        _ = machine.opened(held: true)
        #expect(machine.visitorClosed() == .sendClosedDiscarding)
        #expect(machine.isOver)
        #expect(machine.release() == [])

        var connected = connected()
        connected.hold()
        #expect(connected.visitorClosed() == [.sendClosedDiscarding, .closeTarget])
    }

    @Test func theUserEndsIt() {
        var machine = connected()
        #expect(machine.closed() == [.sendClosedDiscarding, .closeTarget])
        #expect(machine.closed() == [])
        #expect(machine.targetClosed() == [])
        #expect(machine.isOver)
    }
}
