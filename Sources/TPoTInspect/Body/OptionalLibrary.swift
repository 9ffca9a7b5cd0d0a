#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A library that is used if the system has it. It is loaded when it is first needed, so that neither building nor
/// running the program depends on it.
///
/// It is never closed, so its functions stay valid.
struct OptionalLibrary {
    private let handle: UnsafeMutableRawPointer

    /// - Parameter name: the name for the loader, with the version whose interface is used: `libzstd.so.1`.
    init?(_ name: String) {
        guard let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) else { return nil }
        self.handle = handle
    }

    /// - Parameter type: the type of the C function, which nothing can check.
    func function<Function>(_ name: String, as type: Function.Type) -> Function? {
        dlsym(handle, name).map { unsafeBitCast($0, to: type) }
    }
}
