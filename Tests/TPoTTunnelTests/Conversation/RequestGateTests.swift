import NIOCore
import TPoTTraffic
import TestSupport
import Testing

@testable import TPoTTunnel

@Suite struct RequestGateTests {
    private var gate = RequestGate()

    /// Adds a request with this text.
    private mutating func request(_ id: HeldRequestID, _ text: String, isHeld: Bool = true, isWhole: Bool = true) {
        gate.begin(id, isHeld: isHeld, at: .uptimeNanoseconds(id))
        gate.add(ByteBuffer(string: text))
        if isWhole { gate.end() }
    }

    private mutating func letGo(_ id: HeldRequestID) -> Bool { gate.letGo(id) }
    private mutating func refuse(_ id: HeldRequestID, _ status: Int) -> Bool { gate.refuse(id, status: status) }

    /// What comes out now: `1>` for a released request, its bytes, `3!503` for a refusal.
    private mutating func drain(answersDue: Int? = nil) -> String {
        var text = ""
        while let step = gate.next(answersDue: answersDue ?? gate.requests) {
            switch step {
            case .released(let id): text += "\(id)>"
            case .forward(let bytes): text += String(buffer: bytes)
            case .refuse(let refusal): return text + "\(refusal.id)!\(refusal.status)"
            }
        }
        return text
    }

    @Test mutating func aHeldRequestWaitsAndThoseBehindItToo() {
        request(1, "one ")
        request(2, "two ", isHeld: false)
        request(3, "three ")
        request(4, "four ", isHeld: false)
        #expect(drain() == "")
        #expect(gate.requests == 4)
        #expect(letGo(1))
        #expect(drain() == "1>one 2>two ")
        #expect(gate.requests == 2)
        #expect(letGo(3))
        #expect(drain() == "3>three 4>four ")
        #expect(gate.isEmpty && gate.bytes == 0 && gate.memory == 0)
    }

    @Test mutating func oneThatIsLetGoEarlyWaitsForItsTurn() {
        request(1, "one ")
        request(2, "two ")
        #expect(letGo(2))
        #expect(!letGo(2))
        #expect(drain() == "")
        #expect(letGo(1))
        #expect(drain() == "1>one 2>two ")
    }

    @Test mutating func aRequestThatOnlyWaitsBehindAnotherCannotBeLetGo() {
        request(1, "one ")
        request(2, "two ", isHeld: false)
        #expect(!letGo(2))
        #expect(!refuse(2, 503))
        #expect(gate.editRefusal(2) == .notHeld)
    }

    /// As with `Expect: 100-continue`, where the body only comes after the target has the head.
    @Test mutating func aRequestWithoutItsBodyCanBeLetGo() {
        request(1, "head ", isWhole: false)
        #expect(gate.editRefusal(1) == .incomplete)
        #expect(letGo(1))
        #expect(drain() == "1>head ")
        // The gate is gone, so that the body passes it.
        #expect(gate.isEmpty)
    }

    @Test mutating func aRefusalWaitsForEarlierAnswers() {
        request(1, "one ", isWhole: false)
        request(2, "two ", isHeld: false)
        #expect(refuse(1, 429))
        #expect(!letGo(1))
        #expect(drain(answersDue: 3) == "")
        #expect(drain(answersDue: 2) == "1!429")
    }

    @Test mutating func aRefusalComesAfterTheRequestsBeforeIt() {
        request(1, "one ")
        request(2, "two ")
        #expect(refuse(2, 503))
        #expect(drain() == "")
        #expect(letGo(1))
        // The first one is sent, so its answer is due.
        #expect(drain(answersDue: 2) == "1>one ")
        #expect(drain(answersDue: 1) == "2!503")
    }

    @Test mutating func theEndOfTheHoldLetsAllGoButRefusals() {
        request(1, "one ")
        request(2, "two ")
        request(3, "three ")
        #expect(refuse(3, 503))
        gate.letAllGo()
        #expect(drain(answersDue: 3) == "1>one 2>two ")
    }

    @Test mutating func anEditedRequestGoesOnWithItsNewBytes() {
        request(1, "one ")
        request(2, "two ", isHeld: false)
        gate.replace(1, with: ByteBuffer(string: "a longer one "))
        #expect(gate.bytes == 17)
        #expect(drain() == "1>a longer one 2>two ")
        #expect(gate.bytes == 0)
    }

    @Test mutating func anUpgradeIsNotEdited() {
        gate.begin(1, isHeld: true, isUpgrade: true, at: .uptimeNanoseconds(0))
        gate.add(ByteBuffer(string: "upgrade "))
        gate.end()
        #expect(gate.editRefusal(1) == .isUpgrade)
    }

    @Test mutating func bytesThatAreNotHTTPWaitForTheirTurn() {
        request(1, "one ")
        gate.beginOpaque(at: .uptimeNanoseconds(0))
        gate.add(ByteBuffer(string: "odd "))
        gate.beginOpaque(at: .uptimeNanoseconds(0))
        gate.add(ByteBuffer(string: "bytes"))
        #expect(drain() == "")
        #expect(gate.requests == 1)
        #expect(letGo(1))
        #expect(drain() == "1>one odd bytes")
    }
}
