import ArgumentParser

/// A group of options that can say which of them were given.
protocol NamedOptions: ParsableArguments {
    /// The long names of the given options, dashes included.
    var given: [String] { get }
}

/// A group of options that hold settings.
protocol SettingOptions: NamedOptions {
    var settings: [Setting: SettingValue] { get }
}

extension SettingOptions {
    var given: [String] {
        Setting.allCases.filter { settings[$0] != nil }.map(\.optionName)
    }

    /// The entry for an option that takes a value.
    func entry(_ setting: Setting, _ value: String?) -> [Setting: SettingValue] {
        value.map { [setting: .text($0)] } ?? [:]
    }

    /// The entry for a flag. A flag that was not given has no entry.
    func entry(_ setting: Setting, _ isSet: Bool) -> [Setting: SettingValue] {
        isSet ? [setting: .flag(true)] : [:]
    }
}

extension [Setting: SettingValue] {
    static func + (left: Self, right: Self) -> Self {
        left.merging(right) { $1 }
    }
}
