/// What a file's name alone says about whether to read it.
public enum FileNames {
  /// The reason not to index a file of that relative path or name, if its name gives one: `binary`, `lockFile`,
  /// `secretFile`, `minified` or `generated`.
  public static func skipReason(path: String) -> SkipReason? {
    let name = lastComponent(path)
    if isSecret(name: name, path: path) { return .secretFile }
    if lockFiles.contains(name) { return .lockFile }
    if minifiedEndings.contains(where: { name.hasSuffix($0) }) { return .minified }
    if let dot = name.lastIndex(of: "."), binarySuffixes.contains(String(name[name.index(after: dot)...])) {
      return .binary
    }
    return nil
  }

  /// Whether a file of that relative path or name is one that holds credentials.
  ///
  /// Templates which exist to be copied (`.env.example`) are not, nor are public halves of keys.
  public static func isSecret(path: String) -> Bool {
    isSecret(name: lastComponent(path), path: path)
  }

  private static func lastComponent(_ path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: 0x2F) else { return path.lowercased() }
    return path[path.utf8.index(after: slash)...].lowercased()
  }

  private static func isSecret(name: String, path: String) -> Bool {
    if templateEndings.contains(where: { name.hasSuffix($0) }) { return false }
    if name.hasSuffix(".pub") { return false }
    if secretNames.contains(name) { return true }
    if name == ".env" || name == ".envrc" || name.hasPrefix(".env.") || name.hasSuffix(".env") { return true }
    if let dot = name.lastIndex(of: "."), secretSuffixes.contains(String(name[name.index(after: dot)...])) {
      return true
    }
    if sshKeyPrefixes.contains(where: { name == $0 || name.hasPrefix($0 + "_") || name.hasPrefix($0 + ".") }) {
      return true
    }
    guard secretPathNames.contains(name) else { return false }
    let lower = path.lowercased()
    return secretPathEndings.contains { lower == $0 || lower.hasSuffix("/" + $0) }
  }

  private static let templateEndings = [
    ".example", ".sample", ".template", ".dist", ".tmpl", ".tpl", ".defaults", ".md", ".example.env", ".sample.env",
    "example.env", "template.env",
  ]

  private static let secretNames: Set<String> = [
    ".netrc", "_netrc", ".pgpass", "pgpass.conf", ".npmrc", ".pypirc", ".git-credentials", ".htpasswd", ".my.cnf",
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

  private static let secretSuffixes: Set<String> = [
    "pem", "key", "p12", "pfx", "jks", "keystore", "kdbx", "kdb", "ppk", "p8", "pkcs12", "ovpn", "agekey",
    "mobileprovision", "gpg", "pgp", "tfstate", "keychain", "jceks", "bks", "kwallet",
  ]

  private static let sshKeyPrefixes = ["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "id_ecdsa_sk", "id_ed25519_sk"]

  private static let secretPathEndings = [
    ".aws/credentials", ".aws/config", ".docker/config.json", ".kube/config", ".gem/credentials", ".cargo/credentials",
    ".cargo/credentials.toml", ".config/gh/hosts.yml", ".config/gcloud/credentials.db", ".m2/settings.xml",
    ".composer/auth.json", "config/master.key",
  ]

  /// The last components of `secretPathEndings`.
  private static let secretPathNames = Set(
    secretPathEndings.compactMap { $0.split(separator: "/").last.map(String.init) })

  private static let lockFiles: Set<String> = [
    "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb", "cargo.lock",
    "gemfile.lock", "composer.lock", "poetry.lock", "pdm.lock", "uv.lock", "pipfile.lock", "go.sum", "go.work.sum",
    "package.resolved", "podfile.lock", "cartfile.resolved", "pubspec.lock", "mix.lock", "flake.lock", "deno.lock",
    "packages.lock.json", "paket.lock", "gradle.lockfile", "conan.lock", "rebar.lock", "stack.yaml.lock",
    "cabal.project.freeze", "pixi.lock", "conda-lock.yml", ".terraform.lock.hcl", "module.bazel.lock", "shard.lock",
    "project.assets.json", "spago.lock", "buf.lock", "berksfile.lock", "chart.lock",
  ]

  private static let minifiedEndings = [
    ".min.js", ".min.css", ".min.mjs", ".min.html", "-min.js", ".js.map", ".css.map",
  ]

  private static let binarySuffixes: Set<String> = [
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
