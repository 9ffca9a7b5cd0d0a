import Testing

@testable import TPoTTunnel

@Suite struct FairQueueTests {
    /// A queue from a text such as `a1 a2 b1`: the letter of an element is its key.
    private func queue(_ elements: String) -> FairQueue<Character, Substring> {
        var queue = FairQueue<Character, Substring>()
        for element in elements.split(separator: " ") { queue.append(element, for: element.first ?? " ") }
        return queue
    }

    private func order(_ queue: FairQueue<Character, Substring>) -> String {
        var queue = queue
        var order: [Substring] = []
        while let element = queue.popNext() { order.append(element) }
        #expect(queue.count == 0)
        return order.joined(separator: " ")
    }

    @Test(arguments: [
        ("a1 a2 a3 b1", "a1 b1 a2 a3"), ("a1 a2 b1 b2 c1", "a1 b1 c1 a2 b2"), ("a1 b1 c1", "a1 b1 c1"),
        ("a1 a2 a3", "a1 a2 a3"), ("", ""),
    ])
    func eachKeyGetsItsTurn(elements: String, expected: String) {
        #expect(order(queue(elements)) == expected)
    }

    @Test func aReturningKeyGoesBehindTheOthers() {
        var queue = queue("a1 b1 c1")
        #expect(queue.popNext() == "a1")
        queue.append("a2", for: "a")
        queue.append("a3", for: "a")
        #expect(queue.count(of: "a") == 2)
        #expect(order(queue) == "b1 c1 a2 a3")
    }

    @Test func elementsLeaveFromAnywhere() {
        var queue = queue("a1 a2 a3 b1 c1")
        #expect(queue.remove(of: "a") { $0 == "a2" } == ["a2"])
        #expect(queue.remove(of: "b") { _ in true } == ["b1"])
        #expect(queue.remove(of: "d") { _ in true } == [])
        #expect(queue.count == 3)
        #expect(order(queue) == "a1 c1 a3")
    }

    @Test func theOldestLeaveOfEachKey() {
        var queue = queue("a1 a5 b2 c6 c1")
        let removed = queue.removeOldest { ($0.last?.wholeNumberValue ?? 9) < 5 }
        #expect(Set(removed) == ["a1", "b2"])
        #expect(queue.count == 3)
        #expect(order(queue) == "a5 c6 c1")
    }

    @Test func endlessArrivalsOfOneKeyDoNotHoldUpAnother() {
        var queue = FairQueue<Int, Int>()
        for element in 0..<32 { queue.append(element, for: 0) }
        queue.append(-1, for: 1)
        var taken: [Int] = []
        while let element = queue.popNext(), taken.count < 10 {
            taken.append(element)
            queue.append(99, for: 0)
        }
        #expect(taken.firstIndex(of: -1) == 1)
    }
}
