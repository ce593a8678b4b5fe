/// Which names that start with a dot are worth indexing.
enum HiddenNames {
  /// Whether an entry is left out because of its name alone.
  static func isHidden(_ name: Slice<UnsafeBufferPointer<UInt8>>, isDirectory: Bool) -> Bool {
    guard name.first == 0x2E else { return false }
    let text = String(decoding: name, as: UTF8.self)
    if isDirectory { return !directories.contains(text) }
    return !files.contains(text) && !prefixes.contains { text.hasPrefix($0) }
  }

  /// Whether a directory holds a version-control system's own data: never entered.
  static func isVersionControl(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
    guard name.first == 0x2E, name.count <= 5 else { return false }
    return versionControl.contains { name.elementsEqual($0) }
  }

  private static let versionControl = [".git", ".hg", ".svn", ".jj", ".bzr", ".pijul"].map { Array($0.utf8) }

  private static let directories: Set<String> = [
    ".github", ".gitlab", ".gitea", ".forgejo", ".ci", ".circleci", ".buildkite", ".azure-pipelines", ".woodpecker",
    ".teamcity", ".vscode", ".devcontainer", ".config", ".husky", ".cargo", ".storybook", ".changeset", ".changes",
    ".storage", ".well-known", ".mvn", ".tekton", ".semaphore", ".builds", ".docs", ".spi",
  ]

  private static let files: Set<String> = [
    ".gitlab-ci.yml", ".gitlab-ci.yaml", ".travis.yml", ".appveyor.yml", ".cirrus.yml", ".drone.yml", ".woodpecker.yml",
    ".pre-commit-config.yaml", ".pre-commit-hooks.yaml", ".editorconfig", ".swift-format", ".swiftformat",
    ".swiftlint.yml", ".swift-version", ".spi.yml", ".clang-format", ".clang-tidy", ".clangd", ".gitignore",
    ".gitattributes", ".gitmodules", ".mailmap", ".ignore", ".ciceroneignore", ".dockerignore", ".npmignore",
    ".prettierignore", ".eslintignore", ".flake8", ".pylintrc", ".coveragerc", ".isort.cfg", ".pydocstyle",
    ".python-version", ".ruby-version", ".node-version", ".nvmrc", ".tool-versions", ".java-version", ".rspec",
    ".yamllint", ".yamllint.yml", ".yamllint.yaml", ".readthedocs.yml", ".readthedocs.yaml", ".codecov.yml",
    ".golangci.yml", ".golangci.yaml", ".goreleaser.yml", ".goreleaser.yaml", ".formatter.exs", ".credo.exs",
    ".luacheckrc", ".luarc.json", ".nycrc", ".mocharc.js", ".mocharc.json", ".mocharc.yml", ".mocharc.cjs",
    ".browserslistrc", ".jshintrc", ".jscsrc", ".bazelrc", ".bazelversion", ".shellcheckrc", ".hadolint.yaml",
    ".markdownlint.json", ".markdownlint.yaml", ".markdownlint.yml", ".mergify.yml", ".ocamlformat", ".scalafmt.conf",
    ".scalafix.conf", ".php-cs-fixer.php", ".php-cs-fixer.dist.php", ".phpcs.xml", ".phpcs.xml.dist", ".vimrc",
    ".nvim.lua", ".exrc", ".zshrc", ".bashrc", ".profile", ".zprofile", ".bash_profile", ".tmux.conf", ".inputrc",
    ".gemspec", ".yardopts", ".sourcery.yaml", ".jazzy.yaml", ".dir-locals.el", ".env.example", ".env.sample",
    ".env.template", ".env.dist", ".air.toml", ".typos.toml", ".gitlint", ".gitleaks.toml",
  ]

  private static let prefixes = [
    ".eslintrc", ".prettierrc", ".stylelintrc", ".babelrc", ".rubocop", ".lintstagedrc", ".commitlintrc", ".releaserc",
    ".swcrc", ".postcssrc", ".huskyrc", ".dependabot", ".renovaterc", ".styleci", ".stylua", ".rustfmt", ".clippy",
  ]
}
