extension LanguageTable {
  /// Documents and data: no lexical rules, read by line.
  static let documents = [
    LanguageRow(
      id: "markdown", extensions: ["md", "markdown", "mdx", "mkd", "qmd", "rmd"], structure: .document(.markdown)),
    LanguageRow(id: "restructuredtext", extensions: ["rst", "rest"], structure: .document(.restructuredText)),
    LanguageRow(id: "asciidoc", extensions: ["adoc", "asciidoc", "asc"], structure: .document(.asciidoc)),
    LanguageRow(
      id: "html", extensions: ["html", "htm", "xhtml", "vue", "svelte", "xml", "svg"], structure: .document(.html)),
    LanguageRow(
      id: "json", extensions: ["json", "jsonc", "json5", "geojson", "webmanifest"],
      fileNames: [".babelrc", ".eslintrc", ".swift-format"], structure: .document(.json)),
    LanguageRow(id: "jupyter", extensions: ["ipynb"], structure: .document(.notebook)),
    LanguageRow(
      id: "yaml", extensions: ["yaml", "yml"], fileNames: [".clang-format", ".clang-tidy"], structure: .document(.yaml)),
    LanguageRow(
      id: "toml", extensions: ["toml"], fileNames: ["Cargo.lock", "poetry.lock", "uv.lock"], structure: .document(.toml)
    ),
    LanguageRow(
      id: "ini", extensions: ["ini", "cfg", "conf", "properties", "desktop", "service"],
      fileNames: [".editorconfig", ".gitconfig", ".gitmodules", ".flake8", ".pylintrc"], structure: .document(.toml)),
    LanguageRow(
      id: "makefile", extensions: ["mk", "mak", "make"],
      fileNames: ["Makefile", "makefile", "GNUmakefile", "Makefile.am"],
      structure: .document(.makefile)),
    LanguageRow(
      id: "dockerfile", extensions: ["dockerfile"], fileNames: ["Dockerfile", "Containerfile"],
      structure: .document(.dockerfile)),
  ]
}
