/// What a file's name alone says about whether to read it.
///
/// Names are compared without regard to case (of ASCII).
public enum FileNames {
  /// The reason not to index a file of that relative path or name, if its name gives one: `binary`, `lockFile`,
  /// `secretFile`, `minified` or `generated`.
  public static func skipReason(path: String) -> SkipReason? {
    var path = path
    return path.withUTF8 { skipReason(path: $0) }
  }

  /// The same for the path's bytes.
  static func skipReason(path: UnsafeBufferPointer<UInt8>) -> SkipReason? {
    withLowercasedName(of: path) { name in
      let role = roles.value(name)
      if role == .lockFile { return .lockFile }
      let suffix = suffix(of: name).flatMap { suffixes.value($0) }
      if isSecret(name, role: role, suffix: suffix, path: path) { return .secretFile }
      switch suffix {
      case .binary: return .binary
      case .mayBeMinified where minifiedEndings.contains(where: { hasSuffix(name, $0) }): return .minified
      default: return nil
      }
    }
  }

  /// Whether a file of that relative path or name is one that holds credentials.
  ///
  /// Templates which exist to be copied (`.env.example`) are not, nor are public halves of keys.
  public static func isSecret(path: String) -> Bool {
    var path = path
    return path.withUTF8 { isSecret(path: $0) }
  }

  /// The same for the path's bytes.
  static func isSecret(path: UnsafeBufferPointer<UInt8>) -> Bool {
    withLowercasedName(of: path) { name in
      isSecret(
        name, role: roles.value(name), suffix: suffix(of: name).flatMap { suffixes.value($0) }, path: path)
    }
  }

  /// What a whole name tells.
  private enum Role: Sendable {
    case lockFile
    case secret
    /// The last component of one of `secretPathEndings`.
    case secretInPlace
  }

  /// What the last extension tells.
  private enum Suffix: Sendable {
    case binary
    case secret
    /// `.env`.
    case environment
    case mayBeMinified
  }

  private static func withLowercasedName<Result>(
    of path: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    var start = path.count
    while start > 0, path[start &- 1] != 0x2F { start &-= 1 }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(1, path.count - start)) { name in
      for index in start..<path.count { name[index - start] = asciiLowercased(path[index]) }
      return body(UnsafeBufferPointer(rebasing: name[..<(path.count - start)]))
    }
  }

  /// The bytes after the last dot, if there is one.
  private static func suffix(of name: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8>? {
    name.lastIndex(of: 0x2E).map { UnsafeBufferPointer(rebasing: name[($0 + 1)...]) }
  }

  private static func hasSuffix(_ name: UnsafeBufferPointer<UInt8>, _ ending: [UInt8]) -> Bool {
    name.count >= ending.count && name[(name.count - ending.count)...].elementsEqual(ending)
  }

  private static func isSecret(
    _ name: UnsafeBufferPointer<UInt8>, role: Role?, suffix: Suffix?, path: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    let isTelling =
      role == .secret || role == .secretInPlace || suffix == .secret || suffix == .environment
      || name.starts(with: ".env".utf8) || name.starts(with: "id_".utf8)
    guard isTelling, !templateEndings.contains(where: { hasSuffix(name, $0) }) else { return false }
    if role == .secret || suffix == .secret || suffix == .environment { return true }
    if name.starts(with: ".env.".utf8) { return true }
    let isKey = sshKeyPrefixes.contains { prefix in
      guard name.starts(with: prefix) else { return false }
      return name.count == prefix.count || name[prefix.count] == 0x5F || name[prefix.count] == 0x2E
    }
    if isKey { return true }
    guard role == .secretInPlace else { return false }
    let lower = path.map(asciiLowercased)
    return secretPathEndings.contains { ending in
      lower.count >= ending.count && lower.suffix(ending.count).elementsEqual(ending)
        && (lower.count == ending.count || lower[lower.count - ending.count - 1] == 0x2F)
    }
  }

  private static let roles = NameTable<Role>([
    (lockFiles, .lockFile), (secretNames, .secret),
    (
      Array(
        Set(secretPathEndings.compactMap { $0.split(separator: 0x2F).last.map { String(decoding: $0, as: UTF8.self) } })
          .subtracting(secretNames)),
      .secretInPlace
    ),
  ])

  private static let suffixes = NameTable<Suffix>([
    (binarySuffixes, .binary), (secretSuffixes, .secret), (["env"], .environment),
    (["js", "css", "mjs", "cjs", "html", "map"], .mayBeMinified),
  ])

  private static func bytes(_ names: [String]) -> [[UInt8]] { names.map { Array($0.utf8) } }

  private static let templateEndings = bytes([
    ".example", ".sample", ".template", ".dist", ".tmpl", ".tpl", ".defaults", ".md", ".example.env", ".sample.env",
    "example.env", "template.env", ".pub",
  ])

  private static let secretNames = [
    ".env", ".envrc", ".netrc", "_netrc", ".pgpass", "pgpass.conf", ".npmrc", ".pypirc", ".git-credentials",
    ".htpasswd", ".my.cnf",
    ".dockercfg", ".dockerconfigjson", ".boto", ".s3cfg", ".vault-token", ".vault_pass", ".vault_password",
    "credentials", "credentials.json", "credentials.yml", "credentials.yaml", "credentials.xml", "credentials.toml",
    "credentials.ini", "credentials.properties", "client_secret.json", "client_secrets.json", "service-account.json",
    "service_account.json", "serviceaccount.json", "application_default_credentials.json", "secrets.yml",
    "secrets.yaml", "secrets.json", "secrets.toml", "secrets.ini", "secrets.properties", "secrets.env", "master.key",
    ".esmtprc", ".msmtprc", ".fetchmailrc", ".authinfo", ".authinfo.gpg", "terraform.tfstate",
    "terraform.tfstate.backup", "kubeconfig", ".rhosts", "wp-config.php", "htpasswd",
    "secring.gpg", "secret_token.rb", ".mysql_history", ".psql_history", ".bash_history", ".zsh_history",
    ".node_repl_history", ".python_history", "local.settings.json",
  ]

  private static let secretSuffixes = [
    "pem", "key", "p12", "pfx", "jks", "keystore", "kdbx", "kdb", "ppk", "p8", "pkcs12", "ovpn", "agekey",
    "mobileprovision", "gpg", "pgp", "tfstate", "keychain", "jceks", "bks", "kwallet",
  ]

  private static let sshKeyPrefixes = bytes(["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "id_xmss"])

  private static let secretPathEndings = bytes([
    ".aws/credentials", ".aws/config", ".docker/config.json", ".kube/config", ".gem/credentials", ".cargo/credentials",
    ".cargo/credentials.toml", ".config/gh/hosts.yml", ".config/gcloud/credentials.db", ".m2/settings.xml",
    ".composer/auth.json", "config/master.key",
  ])

  private static let lockFiles = [
    "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb", "cargo.lock",
    "gemfile.lock", "composer.lock", "poetry.lock", "pdm.lock", "uv.lock", "pipfile.lock", "go.sum", "go.work.sum",
    "package.resolved", "podfile.lock", "cartfile.resolved", "pubspec.lock", "mix.lock", "flake.lock", "deno.lock",
    "packages.lock.json", "paket.lock", "gradle.lockfile", "buildscript-gradle.lockfile", "conan.lock", "rebar.lock",
    "stack.yaml.lock",
    "cabal.project.freeze", "pixi.lock", "conda-lock.yml", ".terraform.lock.hcl", "module.bazel.lock", "shard.lock",
    "project.assets.json", "spago.lock", "buf.lock", "berksfile.lock", "chart.lock", "requirements.lock", "devenv.lock",
    "symfony.lock", "mise.lock",
    "dub.selections.json", "lake-manifest.json",
  ]

  private static let minifiedEndings = bytes([
    ".min.js", ".min.css", ".min.mjs", ".min.html", "-min.js", ".js.map", ".css.map", ".mjs.map", ".min.cjs",
  ])

  private static let binarySuffixes = [
    "png", "jpg", "jpeg", "gif", "bmp", "ico", "icns", "webp", "avif", "heic", "tiff", "tif", "psd", "ai", "eps", "xcf",
    "sketch", "fig", "mp3", "mp4", "m4a", "m4v", "mov", "avi", "mkv", "webm", "wav", "flac", "ogg", "oga", "ogv", "aac",
    "zip", "gz", "tgz", "bz2", "tbz", "xz", "txz", "zst", "lz4", "lzma", "br", "7z", "rar", "tar", "jar", "war", "ear",
    "aar", "apk", "ipa", "dmg", "iso", "img", "deb", "rpm", "msi", "cab", "whl", "egg", "gem", "nupkg", "crate",
    "exe", "dll", "so", "dylib", "a", "o", "obj", "lib", "pdb", "class", "pyc", "pyo", "pyd", "beam", "wasm", "bc",
    "ttf", "otf", "woff", "woff2", "eot", "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "odp",
    "db", "sqlite", "sqlite3", "mdb", "parquet", "avro", "arrow", "feather", "npy", "npz", "pkl", "pickle", "h5",
    "hdf5",
    "onnx", "pt", "pth", "safetensors", "gguf", "ggml", "tflite", "pb", "bin", "mo", "swiftmodule", "swiftdoc",
    "nib", "car", "blend", "fbx", "glb", "stl", "3ds", "unitypackage", "uasset", "cur", "ani", "swp", "swo", "der",
    "crt", "cer",
  ]
}
