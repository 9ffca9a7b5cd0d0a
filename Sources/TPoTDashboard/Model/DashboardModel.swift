import NIOCore
import TPoTCapture

/// What update and views may ask: a moment, and where everything else comes from.
package struct DashboardModel {
    package let source: any TrafficSource
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
        self.source = source
        self.log = log
        self.facts = facts
        self.now = now
        self.documents = documents
    }
}
