"""What tree-sitter says: the lines on which functions, methods and types of a file are declared.

Each language has its node types: those that must be found, and those that may be (declarations that are a matter of
taste: prototypes, functions that are values of members, anonymous blocks).
"""
import ctypes
import importlib
import importlib.util
import os

from tree_sitter import Language, Node, Parser

# Kinds of the chunker that take part in the comparison.
KINDS = {"function", "method", "constructor", "class", "struct", "enum", "interface", "extension", "test"}

# Nodes whose first leaf is not the declaration's own first word.
PREFIXES = {
    "annotation", "marker_annotation", "attribute", "attribute_item", "attribute_list", "decorator", "comment",
    "line_comment", "block_comment", "multiline_comment", "preproc_call", "preproc_pragma", "preproc_region",
    "preproc_endregion", "attribute_declaration", "file_annotation", "attribute_group", "description",
}

SCRIPT = dict(
    required={"function_declaration", "generator_function_declaration", "method_definition", "class_declaration",
              "abstract_class_declaration", "interface_declaration", "enum_declaration"},
    optional={"function_signature", "method_signature", "abstract_method_signature", "variable_declarator", "pair",
              "assignment_expression", "public_field_definition", "field_definition", "class", "function_expression",
              "lexical_declaration", "variable_declaration", "export_statement", "expression_statement",
              "property_signature"},
    arrows=True)

LANGUAGES = {
    "swift": dict(module="tree_sitter_swift", required={
        "function_declaration", "protocol_function_declaration", "init_declaration", "deinit_declaration",
        "class_declaration", "protocol_declaration", "subscript_declaration"}, optional={"macro_declaration"}),
    "python": dict(module="tree_sitter_python", required={"function_definition", "class_definition"}),
    "javascript": dict(module="tree_sitter_javascript", **SCRIPT),
    "typescript": dict(module="tree_sitter_typescript", function="language_typescript", **SCRIPT),
    "typescriptreact": dict(module="tree_sitter_typescript", function="language_tsx", **SCRIPT),
    "go": dict(module="tree_sitter_go", required={"function_declaration", "method_declaration", "type_spec"},
               optional={"type_declaration", "type_alias"}),
    "rust": dict(module="tree_sitter_rust", required={
        "function_item", "struct_item", "enum_item", "trait_item", "impl_item", "union_item",
        "function_signature_item"}),
    "java": dict(module="tree_sitter_java", required={
        "method_declaration", "constructor_declaration", "class_declaration", "interface_declaration",
        "enum_declaration", "record_declaration", "annotation_type_declaration"},
        optional={"annotation_type_element_declaration", "compact_constructor_declaration"}),
    "kotlin": dict(module="tree_sitter_kotlin", required={
        "function_declaration", "class_declaration", "object_declaration", "companion_object",
        "secondary_constructor"}),
    "scala": dict(module="tree_sitter_scala", required={
        "function_definition", "class_definition", "object_definition", "trait_definition", "enum_definition",
        "function_declaration"}, optional={"given_definition", "extension_definition", "package_object"}),
    "c": dict(module="tree_sitter_c", required={"function_definition"}, bodied={
        "struct_specifier", "enum_specifier", "union_specifier"},
        optional={"declaration", "field_declaration", "type_definition"}),
    "cpp": dict(module="tree_sitter_cpp", required={"function_definition"}, bodied={
        "struct_specifier", "enum_specifier", "union_specifier", "class_specifier"},
        optional={"declaration", "field_declaration", "type_definition", "friend_declaration",
                  "template_declaration", "concept_definition"}),
    "csharp": dict(module="tree_sitter_c_sharp", required={
        "method_declaration", "constructor_declaration", "class_declaration", "interface_declaration",
        "struct_declaration", "enum_declaration", "record_declaration", "local_function_statement",
        "operator_declaration", "destructor_declaration"},
        optional={"delegate_declaration", "indexer_declaration", "conversion_operator_declaration"}),
    "objective-c": dict(module="tree_sitter_objc", required={
        "method_definition", "function_definition", "class_interface", "class_implementation",
        "category_interface", "category_implementation", "protocol_declaration", "method_declaration"},
        optional={"declaration", "field_declaration", "type_definition", "struct_specifier", "enum_specifier",
                  "union_specifier", "protocol_forward_declaration"}),
    "ruby": dict(module="tree_sitter_ruby", required={"method", "singleton_method", "class"},
                 optional={"singleton_class"}),
    "php": dict(module="tree_sitter_php", function="language_php", required={
        "function_definition", "method_declaration", "class_declaration", "interface_declaration",
        "trait_declaration", "enum_declaration"}),
    "lua": dict(module="tree_sitter_lua", required={"function_declaration"},
                optional={"function_definition", "assignment_statement", "variable_declaration", "field"}),
    "shellscript": dict(module="tree_sitter_bash", required={"function_definition"}),
    "elixir": dict(module="tree_sitter_elixir", calls={
        "def", "defp", "defmacro", "defmacrop", "defguard", "defguardp", "defprotocol", "defimpl", "defdelegate"},
        required=set(), optional={"unary_operator"}),
    "haskell": dict(module="tree_sitter_haskell", required={
        "data_type", "newtype", "class", "instance", "signature"}, optional={
        "function", "bind", "type_synomym", "type_family"}, bindings=True),
    "julia": dict(module="tree_sitter_julia", required={
        "function_definition", "struct_definition", "abstract_definition"},
        optional={"assignment", "macro_definition", "primitive_definition"}),
    "ocaml": dict(module="tree_sitter_ocaml", function="language_ocaml", required={"type_definition"},
                  optional={"value_definition", "let_binding", "method_definition", "class_definition",
                            "class_binding", "class_type_definition", "class_type_binding", "method_specification",
                            "value_specification", "class_initializer", "module_type_definition", "module_definition", "type_binding", "external",
                            "exception_definition"}),
    "zig": dict(module="tree_sitter_zig", required={"function_declaration"},
                optional={"variable_declaration", "test_declaration"}),
    "erlang": dict(pack="erlang", clauses=True, parts=True, required={"function_clause"},
                   optional={"record_decl", "module_attribute", "pp_define", "type_alias", "opaque", "fun_decl"}),
    "perl": dict(pack="perl", required={"subroutine_declaration_statement", "method_declaration_statement"},
                 optional={"package_statement", "class_statement"}),
    "r": dict(pack="r", assigned=True, required=set(), optional={"binary_operator", "argument"}),
    "dart": dict(pack="dart", parts=True, required={
        "class_definition", "enum_declaration", "mixin_declaration", "extension_declaration", "function_signature",
        "constructor_signature", "factory_constructor_signature", "getter_signature", "setter_signature"},
        optional={"constant_constructor_signature", "operator_signature", "redirecting_factory_constructor_signature",
                  "type_alias", "extension_type_declaration", "declaration"}),
    "sql": dict(pack="sql", required={"create_function", "create_table", "create_view", "create_type"},
                optional={"statement", "create_procedure", "create_trigger", "create_index"}),
    "vim": dict(pack="vim", required={"function_definition"}),
    "cmake": dict(pack="cmake", required={"function_def", "macro_def"}),
    "terraform": dict(pack="hcl", top=True, kinds={"block"}, required={"block"}, optional={"attribute"}),
    "proto": dict(pack="proto", required={"message", "enum", "service", "rpc"}, optional={"oneof", "extend"}),
    "graphql": dict(pack="graphql", required={
        "object_type_definition", "interface_type_definition", "enum_type_definition", "input_object_type_definition",
        "union_type_definition", "scalar_type_definition", "operation_definition", "fragment_definition"},
        optional={"object_type_extension", "directive_definition", "schema_definition"}),
    "makefile": dict(pack="make", kinds={"block"}, parts=True, required={"rule"}, optional={"define_directive"}),
}


def load(language):
    """The parser of a language, or None if its grammar is not installed."""
    row = LANGUAGES[language]
    try:
        if "pack" in row:
            return importlib.import_module("tree_sitter_language_pack").get_parser(row["pack"])
        if "bundled" in row:
            folder = os.path.dirname(importlib.util.find_spec("tree_sitter_languages").origin)
            library = ctypes.cdll.LoadLibrary(os.path.join(folder, "languages.so"))
            function = getattr(library, "tree_sitter_" + row["bundled"])
            function.restype = ctypes.c_void_p
            return Parser(Language(function()))
        module = importlib.import_module(row["module"])
        return Parser(Language(getattr(module, row.get("function", "language"))()))
    except (ImportError, AttributeError, ValueError) as error:
        print(f"{language}: no grammar ({error})")
        return None


NODE = Node


def name(node):
    """The last word of a node's name, or None where its grammar has no field for it."""
    for _ in range(12):
        found = node.child_by_field_name("name")
        if found is None:
            found = node.child_by_field_name("declarator")
        if found is None:
            break
        node = found
    else:
        return None
    if node.type not in {"identifier", "type_identifier", "field_identifier", "simple_identifier", "name", "constant",
                         "property_identifier", "private_property_identifier", "word"}:
        return None
    return node.text.decode(errors="replace").strip("`")


def start_line(node):
    """The line of the declaration's first word that is not an attribute or a comment."""
    while node.child_count:
        child = next((c for c in node.children if c.type not in PREFIXES), None)
        if child is None:
            # Nothing but attributes: what follows them is the declaration's first word.
            following = node.next_sibling
            while following is not None and following.type in PREFIXES:
                following = following.next_sibling
            if following is None:
                return node.start_point[0]
            node = following
            continue
        node = child
    return node.start_point[0]


def follows_clause(node):
    """Whether a clause of the same function stands directly above."""
    before = node.parent.prev_sibling
    if before is not None and before.type == node.parent.type and before.text.rstrip().endswith(b"."):
        return False
    while before is not None and (before.type == "comment" or not before.is_named):
        before = before.prev_sibling
    clause = next((c for c in before.children if c.type == node.type), None) if before is not None else None
    return (clause is not None and clause.child_count and node.child_count
            and clause.children[0].text == node.children[0].text)


def is_arrow(node):
    value = node.child_by_field_name("value")
    return value is not None and value.type in {"arrow_function", "function_expression", "generator_function", "class"}


def is_assigned_function(node):
    """Whether this is R's `name <- function(…)`."""
    operator = node.child_by_field_name("operator")
    value = node.child_by_field_name("rhs")
    return (operator is not None and operator.text in {b"<-", b"=", b"<<-"} and value is not None
            and value.type == "function_definition")


def declared(language, parser, source):
    """The lines that must be found and the lines that may be; None if the text does not parse."""
    row = LANGUAGES[language]
    tree = parser.parse(source)
    required, optional = {}, set()
    errors = 0
    total = 0
    cursor = [tree.root_node]
    while cursor:
        node = cursor.pop()
        total += 1
        if node.type in {"ERROR", "cpp"} or node.is_missing:
            errors += 1
        kind = node.type
        if node.is_named:
            if kind in row["required"]:
                if row.get("bindings") and kind == "signature" and node.parent.type not in {
                        "declarations", "class_declarations"}:
                    # Type annotations inside expressions and local functions.
                    optional.add(start_line(node))
                elif row.get("top") and node.parent.parent.type != "config_file":
                    optional.add(start_line(node))
                elif row.get("clauses") and follows_clause(node):
                    # The chunker keeps the clauses of a function together.
                    optional.add(start_line(node))
                else:
                    required[start_line(node)] = node
            elif kind in row.get("bodied", ()):
                body = node.child_by_field_name("body")
                name = node.child_by_field_name("name")
                if body is not None and name is not None:
                    top = node
                    while top.parent is not None and top.parent.type in {"declaration", "field_declaration",
                                                                         "type_definition"}:
                        top = top.parent
                    required[start_line(top)] = node
                    optional.add(start_line(node))
                elif body is not None:
                    optional.add(start_line(node))
            elif kind == "variable_declarator" and row.get("arrows") and is_arrow(node):
                statement = node.parent
                if statement.parent is not None and statement.parent.type == "export_statement":
                    statement = statement.parent
                if statement.type in {"lexical_declaration", "variable_declaration", "export_statement"}:
                    required[start_line(statement)] = node
                    optional.add(start_line(node))
            elif row.get("assigned") and kind == "binary_operator" and is_assigned_function(node):
                required[start_line(node)] = node
            elif kind == "call" and "calls" in row:
                target = node.child_by_field_name("target")
                if target is not None:
                    text = source[target.start_byte:target.end_byte].decode(errors="replace")
                    if text in row["calls"]:
                        required[node.start_point[0]] = node
                    elif text.startswith("def"):
                        optional.add(node.start_point[0])
            elif kind in row.get("optional", ()):
                optional.add(start_line(node))
        # Exports and decorators move a declaration's first word up.
        if kind in row["required"] and node.parent is not None and node.parent.type in {"export_statement",
                                                                                       "ambient_declaration"}:
            line = required.pop(start_line(node), None)
            above = start_line(node.parent)
            required[above] = line
            if above != start_line(node):
                optional.add(start_line(node))
        cursor.extend(node.children)
    return required, optional, errors
