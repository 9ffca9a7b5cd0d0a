import TPoTCapture
import TPoTTraffic
import TestSupport

/// Assembles events and returns the updates as short lines: `1 began GET /`, `1 streaming`, `1 over finished 200`.
func assemble(_ events: [TrafficEvent]) -> (lines: [String], exchanges: [UInt64: Exchange]) {
    var assembler = ExchangeAssembler()
    return assemble(events, &assembler)
}

func assemble(
    _ events: [TrafficEvent],
    _ assembler: inout ExchangeAssembler
) -> (lines: [String], exchanges: [UInt64: Exchange]) {
    var lines: [String] = []
    var exchanges: [UInt64: Exchange] = [:]
    for event in events {
        assembler.consume(event) { update in
            switch update {
            case .opened, .closed: break
            case .began(let exchange):
                lines.append("\(exchange.number) began \(text(exchange.method)) \(text(exchange.target))")
                exchanges[exchange.number] = exchange
            case .changed(let exchange):
                if exchanges[exchange.number]?.state != exchange.state {
                    lines.append("\(exchange.number) \(exchange.state)")
                }
                exchanges[exchange.number] = exchange
            case .finished(let exchange):
                lines.append("\(exchange.number) over \(exchange.state) \(exchange.status ?? 0)")
                exchanges[exchange.number] = exchange
            case .content(let number, let content):
                guard exchanges[number]?.state.isOver == false else {
                    lines.append("\(number) content out of place")
                    break
                }
                if case .interimHead = content { lines.append("\(number) interim") }
            }
        }
    }
    return (lines, exchanges)
}
