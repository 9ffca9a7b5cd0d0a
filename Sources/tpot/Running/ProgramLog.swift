import Logging

/// The program's own log, on standard error.
enum ProgramLog {
    static func make(_ level: Logger.Level) -> Logger {
        var logger = Logger(label: "tpot") { label in StreamLogHandler.standardError(label: label) }
        logger.logLevel = level
        return logger
    }
}
