import NIOCore
import TPoTCapture

/// What update and views may ask: a moment, and where everything else comes from.
package struct DashboardModel {
    private let store: any TrafficSource
    package private(set) var source: any CaptureReading
    package let log: LogBuffer
    package let facts: DashboardFacts
    package let now: TrafficClock.Reading
    /// Texts that were laid out already.
    let documents: DocumentCache

    package init(
        source: any TrafficSource,
        log: LogBuffer,
        facts: DashboardFacts,
        now: TrafficClock.Reading,
        documents: DocumentCache
    ) {
        store = source
        self.source = source
        self.log = log
        self.facts = facts
        self.now = now
        self.documents = documents
    }

    /// Answers everything that `body` asks the model's source for as of one moment. It must not take long.
    func atOneMoment<Result>(_ body: (DashboardModel) -> Result) -> Result {
        store.read { reading in
            var model = self
            model.source = reading
            return body(model)
        }
    }
}
