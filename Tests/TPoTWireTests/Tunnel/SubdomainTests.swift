import Testing

@testable import TPoTWire

@Suite struct SubdomainTests {}
