/// The number of a conversation within its tunnel: 1…65,535, unsigned, reused after a conversation has ended.
package typealias ConversationID = UInt16
