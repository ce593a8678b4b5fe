extension Fixture {
  static let data: [Fixture] = [
    Fixture(
      id: "css",
      text: ####"""
        @import "x.css";
        /* Doc { */
        .a > .b:hover, #c { color: red; }
        @media (max-width: 3px) {
          body { content: "}"; }
        }

        """####,
      expected: ####"""
        block .a > .b:hover, #c @3
        block @media (max-width: 3px) @4
          block body @5
        """####),
    Fixture(
      id: "scss",
      text: ####"""
        // Doc
        .a { &:hover { color: red; } @include b; }

        """####,
      expected: ####"""
        block .a @2
          block &:hover @2
        """####),
    Fixture(
      id: "less",
      text: ####"""
        .a { .mixin(); .b { color: red; } }

        """####,
      expected: ####"""
        block .a @1
          block .b @1
        """####),
    Fixture(
      id: "terraform",
      text: ####"""
        # Doc
        resource "aws_instance" "web" {
          ami = "${var.a}"
          tags = {
            Name = "}"
          }
          provisioner "x" { }
        }
        variable "a" {}
        locals {
          x = <<EOF
        }
        EOF
        }

        """####,
      expected: ####"""
        block resource.aws_instance.web @2
        block variable.a @9
        block locals @10
        """####),
    Fixture(
      id: "proto",
      text: ####"""
        syntax = "proto3";
        package a.b;
        import "x.proto";
        // Doc.
        message User {
          string name = 1 [deprecated = true];
          message Inner { int32 x = 1; }
          oneof kind { int32 a = 2; }
        }
        enum Color { RED = 0; }
        service S { rpc Get (User) returns (User) {} rpc List(User) returns (stream User); }

        """####,
      expected: ####"""
        module a.b @2
        struct User @5
          struct Inner @7
          property kind @8
        enum Color @10
          enumCase RED @10
        interface S @11
          method Get @11
          method List @11
        """####),
    Fixture(
      id: "graphql",
      text: ####"""
        """Doc {"""
        type User implements Node @key(fields: "id") {
          id: ID!
          posts(first: Int = 1): [Post!]!
        }
        input NewUser { name: String }
        union Any = User | Post
        enum Role { ADMIN USER }
        query GetUser($id: ID!) { user(id: $id) { ...F } }
        fragment F on User { id }

        """####,
      expected: ####"""
        class User @2
        struct NewUser @6
        typeAlias Any @7
        enum Role @8
        function GetUser @9
        function F @10
        """####),
    Fixture(
      id: "makefile",
      text: ####"""
        CC = gcc
        FLAGS := a \
          b

        # Builds.
        all: main.o
        	$(CC) -o x: y

        .PHONY: clean
        clean:
        	rm -f x
        define HELP
        text: here
        endef

        """####,
      expected: ####"""
        variable CC @1
        variable FLAGS @2
        block all @6
        block .PHONY @9
        block clean @10
        macro HELP @12
        """####),
    Fixture(
      id: "dockerfile",
      text: ####"""
        ARG V=1
        FROM golang:${V} AS build
        RUN go build

        FROM --platform=linux/amd64 scratch
        COPY --from=build /x /x

        """####,
      expected: ####"""
        block build @2
        block scratch @5
        """####),
    Fixture(
      id: "markdown",
      text: ####"""
        Intro

        # Title #

        Text

        ```sh
        # not a heading
        ```

        ## Part one

        More

        Setext
        ======

        Sub
        ---
        - a

        """####,
      expected: ####"""
        heading Title @3
          heading Part one @11
        heading Setext @15
          heading Sub @18
        """####),
    Fixture(
      id: "restructuredtext",
      text: ####"""
        =====
        Title
        =====

        Intro

        Section
        -------

        Text::

            code

        Sub
        ~~~

        Other
        -----

        """####,
      expected: ####"""
        heading Title @2
          heading Section @7
            heading Sub @14
          heading Other @17
        """####),
    Fixture(
      id: "asciidoc",
      text: ####"""
        = Title

        == One

        ----
        == not
        ----

        === Deep
        == Two

        """####,
      expected: ####"""
        heading Title @1
          heading One @3
            heading Deep @9
          heading Two @10
        """####),
    Fixture(
      id: "html",
      text: ####"""
        <html><body>
        <h1 id="a"><a href="#">Title</a></h1>
        <p>Text</p>
        <h2>Part</h2>
        <p>More</p>
        </body></html>

        """####,
      expected: ####"""
        heading Title @2
          heading Part @4
        """####),
    Fixture(
      id: "xml",
      text: ####"""
        <?xml version="1.0"?>
        <!-- <a> -->
        <project>
          <name>x</name>
          <dependencies>
            <dependency id="one > two">
              <group>g</group>
            </dependency>
            <dependency scope='test'/>
          </dependencies>
          <![CDATA[ <b> ]]>
        </project>

        """####,
      expected: ####"""
        key project @3
          key dependencies @5
            key one > two @6
        """####),
    Fixture(
      id: "vue",
      text: ####"""
        <script setup lang="ts">
        import { ref } from 'vue'
        function add(a: number) { return a + 1 }
        </script>

        <template>
          <p>{{ add(1) }}</p>
        </template>

        <style scoped>
        .a { color: red; }
        </style>

        """####,
      expected: ####"""
        block script @1
          function add @3
        block template @6
        block style @10
          block .a @11
        """####),
    Fixture(
      id: "svelte",
      text: ####"""
        <script>
          export function toggle() { open = !open }
        </script>
        <button on:click={toggle}>Toggle</button>

        """####,
      expected: ####"""
        block script @1
          function toggle @2
        """####),
    Fixture(
      id: "csv",
      text: ####"""
        name,count
        a,1

        """####,
      expected: ""),
    Fixture(
      id: "log",
      text: ####"""
        12:00 started
        12:01 stopped

        """####,
      expected: ""),
    Fixture(
      id: "json",
      text: ####"""
        {
          "name": "x",
          "scripts": { "a": "}" , "b": 1 },
          "nested": {
            "list": [
              { "a": 1 }
            ],
            "deep": { "x": { "y": 1 } }
          }
        }

        """####,
      expected: ####"""
        key name @2
        key scripts @3
        key nested @4
          key list @5
          key deep @8
            key x @8
        """####),
    Fixture(
      id: "jupyter",
      text: ####"""
        {
         "cells": [
          {
           "cell_type": "markdown",
           "source": ["# Title"]
          },
          {
           "cell_type": "code",
           "source": ["def f():\n", "  return {}"]
          }
         ],
         "metadata": {"a": {}}
        }

        """####,
      expected: ####"""
        block cell 1 @5
          heading Title @5
        block cell 2 @9
          function f @9
        """####),
    Fixture(
      id: "yaml",
      text: ####"""
        # c
        name: x
        jobs:
          build:
            runs-on: y
            steps:
              - run: |
                  key: not
          test: {a: 1}
        text: |
          other: no
        "quoted": 1

        """####,
      expected: ####"""
        key name @2
        key jobs @3
          key build @4
            key steps @6
        key text @10
        key quoted @12
        """####),
    Fixture(
      id: "toml",
      text: ####"""
        name = "x"
        text = """
        [no]
        """

        [package]
        a = 1
        [[bin]]
        b = [
          "x",
        ]

        """####,
      expected: ####"""
        key name @1
        key package @6
        key bin @8
        """####),
    Fixture(
      id: "ini",
      text: ####"""
        ; c
        root = true
        [*.py]
        indent = 2

        """####,
      expected: ####"""
        key root @2
        key *.py @3
        """####),
    Fixture(
      id: "plaintext",
      text: ####"""
        One paragraph.

        Another.

        """####,
      expected: ####"""

        """####),
  ]
}
