extension Fixture {
  static let words: [Fixture] = [
    Fixture(
      id: "python",
      text: ####"""
        """Module."""
        import os.path as p
        from typing import Any

        LIMIT = 10
        name: str = "x"

        @decorator(
            1)
        # About f.
        class A(B):
            """Doc of A.

            def not_this(): pass
            """
            x = {"a": [1,
          2]}

            @property
            async def get(self, a: int = (1, 2)) -> dict[str, int]:
                """Doc."""
                def inner(): return 1
                return 1

            def __init__(self): self.x = 1

        if True:
            def conditional():
                pass

        def last(): return "}"

        """####,
      expected: ####"""
        constant LIMIT @5
        variable name @6
        class A @11
          property x @16
          method get @20
            function inner @22
          constructor __init__ @25
        function conditional @28
        function last @31
        """####),
    Fixture(
      id: "ruby",
      text: ####"""
        require "set"

        module A
          # Doc.
          class B < C::D
            attr_reader :x
            def initialize(a, b = {})
              @a = if a then 1 else 2 end
              x = %w(end end) if b
            end

            def self.build(*args) = new(*args)
            def ok? = true
            def ==(other)
              other.each do |o| puts "#{o.map { |x| "end" }} end" end
              while x do y end
              text = <<~EOS
                def not_this
              EOS
              true unless false
            end
            private def name=(v); @name = v; end
            class << self
              def inner; end
            end
            def regex; x =~ /end "/; end
          end
        end

        """####,
      expected: ####"""
        module A @3
          class B @5
            constructor initialize @7
            method build @12
            method ok? @13
            method == @14
            method name= @22
            method inner @24
            method regex @26
        """####),
    Fixture(
      id: "lua",
      text: ####"""
        local M = {}
        -- Doc.
        function M.open(path) if path then return "end" end end
        local function helper(a)
          for i = 1, 10 do print(i) end
          while true do break end
          repeat local x = 1 until x
          return [[ end function ]]
        end
        M.close = function(self) return function() end end
        function M:method() --[[ end ]] end
        return M

        """####,
      expected: ####"""
        method open @3
        function helper @4
        method close @10
        method method @11
        """####),
    Fixture(
      id: "haskell",
      text: ####"""
        module Data.Thing (a, b) where

        import qualified Data.Map as M

        -- | A tree.
        data Tree a = Leaf | Node { left :: Tree a }
          deriving (Show)

        newtype W = W Int
        type Name = String

        class Monoid a => Shape a where
          area :: a -> Double
          area _ = 0

        instance Shape (Tree a) where
          area t = 1

        -- | Inserts.
        insert :: Ord a => a -> Tree a -> Tree a
        insert x Leaf = Leaf
        insert x' t = go '"' {- { -}
          where go = undefined

        (<+>) :: Int -> Int -> Int
        a <+> b = a

        """####,
      expected: ####"""
        module Data.Thing @1
        struct Tree @6
        struct W @9
        typeAlias Name @10
        interface Shape @12
          method area @13
        extension Shape (Tree a) @16
          method area @17
        function insert @20
        function <+> @25
        """####),
    Fixture(
      id: "elixir",
      text: ####"""
        defmodule My.App do
          @moduledoc """
          def not_this do
          """
          use GenServer
          alias My.Repo

          @doc "Runs."
          @spec run(term) :: :ok
          def run(x) when is_list(x) do
            Enum.map(x, fn a -> a end)
            if x do :ok else :end end
            ~s(end do) <> "#{x} end"
          end

          def short(x), do: x
          defp valid?(%{
                 a: a
               }) do
            case a do
              _ -> true
            end
          end
          defmacro m(x), do: x
          defimpl String.Chars, for: My do
            def to_string(_), do: ""
          end
        end

        """####,
      expected: ####"""
        module My.App @1
          function run @10
          function short @16
          function valid? @17
          macro m @24
          extension String.Chars @25
            function to_string @26
        """####),
    Fixture(
      id: "erlang",
      text: ####"""
        -module(thing).
        -include("x.hrl").
        -record(state, {a, b}).
        -define(MAX, 10).

        %% Doc.
        -spec run(term()) -> ok.
        run([]) -> ok;
        run([H | T]) ->
            X = "run(", $", 'atom',
            run(T).

        stop(_) -> ok.

        """####,
      expected: ####"""
        module thing @1
        struct state @3
        macro MAX @4
        function run @8
        function stop @13
        """####),
    Fixture(
      id: "ocaml",
      text: ####"""
        open Printf

        (* A (* nested *) "comment". *)
        type 'a tree = Leaf | Node of 'a tree

        module M : sig val x : int end = struct
          let inner a = a
          type t = int
        end

        module type S = sig
          val f : int -> int
        end

        let rec size = function
          | Leaf -> 0
          | Node t -> let n = size t in n
        and other x = {|let fake = |}

        let limit = 3
        exception Bad of string
        let () = print_string "x"

        """####,
      expected: ####"""
        struct tree @4
        module M @6
          function inner @7
          struct t @8
        interface S @11
          constant f @12
        function size @15
        function other @18
        constant limit @20
        struct Bad @21
        """####),
    Fixture(
      id: "julia",
      text: ####"""
        module Things
        using Base: show

        "Doc."
        struct Point{T} <: Shape
          x::T
        end
        mutable struct M end
        abstract type Shape end

        function area(p::Point) where T
          a = [i for i in 1:3 if i > 1]
          b = a[end]
          if b > 1 begin end end
          for i in a; end
          map(a) do x x end
          c = a'
        end
        short(x) = x + 1
        function Base.show(io::IO, p) end
        macro m(x) end
        end

        """####,
      expected: ####"""
        module Things @1
          struct Point @5
          struct M @8
          interface Shape @9
          function area @11
          function short @19
          function show @20
          macro m @21
        """####),
    Fixture(
      id: "vim",
      text: ####"""
        " Doc.
        function! s:Run(a, b) abort
          let x = "endfunction"
          if a | echo 'it''s' | endif
        endfunction

        func my#auto#load()
        endfunc

        """####,
      expected: ####"""
        function s:Run @2
        function my#auto#load @7
        """####),
    Fixture(
      id: "cmake",
      text: ####"""
        include(x)
        # Doc.
        function(my_fun a b)
          if(a)
            message("endfunction()")
          endif()
        endfunction()
        MACRO(my_macro)
        ENDMACRO()

        """####,
      expected: ####"""
        function my_fun @3
        macro my_macro @8
        """####),
    Fixture(
      id: "sql",
      text: ####"""
        -- Users.
        CREATE TABLE IF NOT EXISTS app.users (id int, name text DEFAULT ';');
        create or replace function f(a int) returns int as $$
        begin
          return 1;
        end;
        $$ language plpgsql;
        CREATE PROCEDURE p() BEGIN IF x THEN SELECT 1; END IF; SELECT CASE WHEN 1 THEN 2 END; END;
        CREATE UNIQUE INDEX idx ON users (id);
        SELECT * FROM users;
        CREATE VIEW v AS SELECT 1;

        """####,
      expected: ####"""
        struct app.users @2
        function f @3
        function p @8
        other idx @9
        struct v @11
        """####),
  ]
}
