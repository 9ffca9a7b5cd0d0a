/// What a key does.
package enum KeyAction: Hashable, Sendable {
    case up, down, pageUp, pageDown, top, bottom
    /// At the place of the mouse.
    case wheelUp, wheelDown, click
    case inspect, back
    case nextTab, previousTab
    /// 1, 2 or 3.
    case tab(Int)
    case freeze, hold
    case replay, replayMany, edit, compare
    case filter, search, searchNext, searchPrevious, bodyMode
    case copy, copyURL, copyPublicURL, copyCurl, copyBody, copyHead
    case writeHAR
    case mark, clearUnmarked
    case closeConversation
    case openURL, showQRCode
    case help, quit, suspend, redraw
}
