import TPoTTraffic

/// A hold of the whole tunnel, and what the user ends.
extension TargetConversation {
    func hold() {
        machine.hold()
    }

    func release() {
        guard machine.isHeld else { return }
        held = HeldRequests()
        watcher.publish(.released)
        if hasVisitorGivenUp {
            end(.visitorLeft, machine.closed())
        } else {
            perform(machine.release())
        }
    }

    /// Refuses the requests that wait for the hold to end, once all earlier answers have been sent.
    /// - Returns: how many requests were refused.
    func refuseHeld() -> Int {
        guard machine.isOpen, !reader.isOpaque, !reader.answerBegun, flow.bytes == 0 else { return 0 }
        let due = reader.answersDue
        let areHeld =
            gate.map { due <= $0.requests }
            ?? (machine.isHeld && held.include(due, isLastIncomplete: reader.requestIncomplete))
        guard due > 0, areHeld else { return 0 }
        end(.closedByUser, machine.refused())
        return due
    }

    func closedByUser() {
        end(.closedByUser, machine.closed())
    }
}
