#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A library that is used where the system has it and not missed where it has not: found when it is first needed, so
/// that neither building nor running depends on it.
///
/// It is never closed, so what is found in it stays valid.
struct OptionalLibrary {
    private let handle: UnsafeMutableRawPointer

    /// - Parameter name: as the loader knows it, with the version whose interface is used here: `libzstd.so.1`.
    init?(_ name: String) {
        guard let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) else { return nil }
        self.handle = handle
    }

    /// - Parameter type: that of the C function; nothing can check it.
    func function<Function>(_ name: String, as type: Function.Type) -> Function? {
        dlsym(handle, name).map { unsafeBitCast($0, to: type) }
    }
}
