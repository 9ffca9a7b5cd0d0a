import ArgumentParser
import TPoTCapture
import TPoTDashboard
import TPoTHistory
import TPoTInspect
import TPoTSystem
import TPoTTraffic
import TPoTWire

/// Carries out `tpot diff`.
enum DiffCommandRunner {
    static func run(
        _ old: UInt64,
        _ new: UInt64,
        exceptions: ComparisonExceptions,
        json: Bool,
        mask: SecretMask,
        in context: ProcessContext
    ) async throws {
        let reader = try HistoryCommandRunner.reader(in: context)
        let before = try HistoryCommandRunner.exchange(old, reader)
        let after = try HistoryCommandRunner.exchange(new, reader)
        let request = MessageComparison(before, after, .request, without: exceptions)
        let response = MessageComparison(before, after, .response, without: exceptions)
        let gap = request.gap ?? response.gap
        let isSame = request.isSame && response.isSame
        if json {
            var line = JSONLine(type: "diff", unixNanoseconds: TrafficClock.system.read().unixNanoseconds)
            line.add("old", old)
            line.add("new", new)
            line.add("same", isSame)
            if let gap { line.add("cannotTell", gap) }
            line.add("request", json: DifferenceJSON.array(request, mask))
            line.add("response", json: DifferenceJSON.array(response, mask))
            var bytes: [UInt8] = []
            line.append(to: &bytes)
            _ = StandardStream.output.put(bytes)
        } else {
            let text = DifferenceText(mask)
            for (name, part) in [("request", request), ("response", response)] {
                let word = part.count > 0 ? "" : part.gap == nil ? " same" : " no difference found"
                StandardStream.output.print(line: "\(name):\(word)")
                for line in text.lines(part) { StandardStream.output.print(line: line) }
            }
            if let gap { ErrorLines.standard.print("tpot: it cannot be told whether all is the same: \(gap)") }
        }
        if !isSame { throw ExitCode(ExitStatus.nothingFound.rawValue) }
    }
}
