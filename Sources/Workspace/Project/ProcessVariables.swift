#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The environment of this process.
enum ProcessVariables {
  /// The variables that this package's lookups of settings and directories depend on.
  static var current: [String: String] {
    var variables: [String: String] = [:]
    func take(_ name: String) {
      if let value = getenv(name) { variables[name] = String(cString: value) }
    }
    names.forEach(take)
    for number in 0..<GitEnvironment.parameterCount(variables) {
      take("GIT_CONFIG_KEY_\(number)")
      take("GIT_CONFIG_VALUE_\(number)")
    }
    // A service may run without HOME; the user database knows better.
    if variables["HOME"]?.isEmpty ?? true, let home = homeFromUserDatabase() { variables["HOME"] = home }
    return variables
  }

  private static let names = [
    "HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS",
  ]

  private static func homeFromUserDatabase() -> String? {
    var buffer = [CChar](repeating: 0, count: 1 << 14)
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    return buffer.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress, getpwuid_r(getuid(), &entry, base, buffer.count, &found) == 0,
        let directory = found?.pointee.pw_dir
      else { return nil }
      return String(cString: directory)
    }
  }
}
