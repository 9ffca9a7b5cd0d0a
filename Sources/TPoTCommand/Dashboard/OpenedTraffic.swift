import NIOCore
import TPoTCapture
import TPoTDashboard
import TPoTInspect
import TPoTTraffic

/// What was captured before, for a dashboard without a tunnel.
struct OpenedTraffic {
    /// The part of the memory that it may fill is half.
    let store: CaptureStore
    /// What replays publish.
    let bus: TrafficBus
    /// Loads more of it; nil if all of it is in the store.
    var loader: HistoryLoader?
    /// Nil without a target.
    var replay: DashboardWiring.Replay?
    var curlTarget: CurlTarget?
    /// What could not be read.
    var remarks: [DashboardMessage] = []
}
