"""What a template becomes in Python: as Jinja compiles it, but without asking again what can be known before.

A page calls some hundred components and messages, reads a thousand attributes and writes as many values; of each, Jinja
asks at run time what it is. Here a call is a call, an attribute is tried before it is searched, a message is looked up
among those of the reader's language, markup is written as it is, and what the build alone decides (addresses of
files, icons) is written out when the template is compiled. What a template means stays the same; tests compare.
"""

import functools
from collections.abc import Callable, Mapping
from keyword import iskeyword
from typing import Any

from jinja2 import Environment, compiler, nodes, runtime
from jinja2.utils import missing
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

MESSAGES = frozenset({"_", "gettext"})
"""What messages are asked for by; `context.texts` has them."""

OF_THE_BUILD = frozenset({"asset", "icon"})
"""Functions whose answer to a constant never changes while the process lives."""

COMPONENTS = frozenset({"ui", "_marks"})
"""Under what names files of components are imported."""

_marked: Callable[[str], Markup] = functools.partial(str.__new__, Markup)


def written(value: object) -> str:
    """Return a value as a page writes it, escaped unless it is markup."""
    if type(value) is str:  # what inherits from it may be markup
        return value if value.isalnum() else escape(value)
    return str(value) if type(value) is int else escape(value)


class Component(runtime.Macro):
    """A macro that takes its arguments in one step: Jinja's own asks for each of them in turn."""

    def __init__(
        self, environment: Environment, func: Callable[..., str], name: str, arguments: Any, *more: bool
    ) -> None:
        super().__init__(environment, func, name, arguments, *more)
        catches_more, catches_all, calls_back, _ = more
        self._is_usual = not (catches_more or catches_all or self.explicit_caller)
        self._calls_back = calls_back
        self._nothing = (missing,) * len(arguments)

    def __call__(self, *args: Any, **options: Any) -> str:
        """Return what the macro writes."""
        given = len(args)
        if not self._is_usual or given > self._argument_count:
            return super().__call__(*args, **options)
        if not options and not self._calls_back:
            return _marked(self._func(*args, *self._nothing[given:]))
        rest = [options.pop(name, missing) for name in self.arguments[given:]]
        if self._calls_back:
            rest.append(options.pop("caller", missing))
            if rest[-1] is missing:
                rest[-1] = self._environment.undefined("No caller defined", name="caller")
        if options:
            return super().__call__(*args, **options)  # which says what is wrong with them
        return _marked(self._func(*args, *rest))


class Generator(compiler.CodeGenerator):
    """Write the Python of a template."""

    def visit_Template(self, node: nodes.Template, frame: compiler.Frame | None = None) -> None:  # noqa: N802 - Jinja's own name
        """Write the module."""
        self.writeline(f"from {__name__} import Component, written")
        super().visit_Template(_Known(self.environment.globals).visit(node), frame)

    def visit_Call(self, node: nodes.Call, frame: compiler.Frame, forward_caller: bool = False) -> None:  # noqa: N802, FBT001, FBT002 - Jinja's own
        """Write a call as a call: nothing that pages call wants the context."""
        if isinstance(node.node, nodes.EnvironmentAttribute):
            self._message(node, frame)
            return
        self.visit(node.node, frame)
        self.write("(")
        for argument in node.args:
            self.visit(argument, frame)
            self.write(", ")
        self._spread("*", node.dyn_args, frame)
        for option in node.kwargs:
            self._option(option, frame)
        if forward_caller:
            self.write("caller=caller, ")
        self._spread("**", node.dyn_kwargs, frame)
        self.write(")")

    def _option(self, option: nodes.Keyword, frame: compiler.Frame) -> None:
        if not iskeyword(option.key):
            self.visit(option, frame)
            self.write(", ")
            return
        self.write(f"**{{{option.key!r}: ")
        self.visit(option.value, frame)
        self.write("}, ")

    def _spread(self, stars: str, node: nodes.Expr | None, frame: compiler.Frame) -> None:
        if node is not None:
            self.write(stars)
            self.visit(node, frame)
            self.write(", ")

    def _message(self, node: nodes.Call, frame: compiler.Frame) -> None:
        """Write the look-up of a message, filled with its facts."""
        self.write("(context.texts[")
        self.visit(node.args[0], frame)
        self.write("]")
        if node.kwargs:
            self.write(" % {")
            for fact in node.kwargs:
                self.write(f"{fact.key!r}: ")
                self.visit(fact.value, frame)
                self.write(", ")
            self.write("}")
        self.write(")")

    def visit_Getattr(self, node: nodes.Getattr, frame: compiler.Frame) -> None:  # noqa: N802 - Jinja's own name
        """Write an attribute: tried at once, searched as Jinja does where there is none."""
        self.write("(_v if (_v := getattr((_o := ")
        self.visit(node.node, frame)
        self.write(f"), {node.attr!r}, missing)) is not missing else environment.getattr(_o, {node.attr!r}))")

    def _output_child_pre(self, node: nodes.Expr, frame: compiler.Frame, finalize: Any) -> None:
        if not self._writes_html(frame):
            super()._output_child_pre(node, frame, finalize)
        elif not _is_message(node):
            self.write("(_v if type(_v := ")

    def _output_child_post(self, node: nodes.Expr, frame: compiler.Frame, finalize: Any) -> None:
        if not self._writes_html(frame):
            super()._output_child_post(node, frame, finalize)
        elif not _is_message(node):
            self.write(") is Markup else written(_v))")

    def _writes_html(self, frame: compiler.Frame) -> bool:
        return frame.eval_ctx.autoescape and not frame.eval_ctx.volatile and self.environment.finalize is None

    def macro_def(self, macro_ref: compiler.MacroRef, frame: compiler.Frame) -> None:  # noqa: ARG002 - Jinja's own
        """Write that a function is a component."""
        of = macro_ref.node
        names = "".join(f"{argument.name!r}, " for argument in of.args)
        self.write(
            f"Component(environment, macro, {getattr(of, 'name', None)!r}, ({names}), {macro_ref.accesses_kwargs!r}, "
            f"{macro_ref.accesses_varargs!r}, {macro_ref.accesses_caller!r}, context.eval_ctx.autoescape)"
        )


def _is_message(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Call) and isinstance(node.node, nodes.EnvironmentAttribute)


class _Known(NodeTransformer):
    """Replace calls by what is known of them while a template is compiled."""

    def __init__(self, known: Mapping[str, Any]) -> None:
        self._known = known

    def visit_Call(self, node: nodes.Call, *args: Any, **options: Any) -> nodes.Expr:  # noqa: N802 - Jinja's own name
        """Return the message or the answer that a call is."""
        self.generic_visit(node, *args, **options)
        name = _called(node.node)
        if node.dyn_args is not None or node.dyn_kwargs is not None or len(node.args) != 1:
            return node
        if name in MESSAGES:
            messages = nodes.EnvironmentAttribute("texts", lineno=node.lineno)
            return nodes.Call(messages, node.args, node.kwargs, None, None, lineno=node.lineno)
        if name in OF_THE_BUILD and not node.kwargs and isinstance(node.args[0], nodes.Const):
            return self._answer(name, node)
        return node

    def _answer(self, name: str, node: nodes.Call) -> nodes.Expr:
        try:
            answer = self._known[name](node.args[0].value)  # type: ignore[attr-defined]  # it is a constant
        except KeyError:
            return node  # whoever calls it is told
        if isinstance(answer, Markup):
            return nodes.TemplateData(str(answer), lineno=node.lineno)
        return nodes.Const(answer, lineno=node.lineno)


def _called(node: nodes.Expr) -> str:
    """Return the name that a call is made by, empty where it is not known before."""
    if isinstance(node, nodes.Name):
        return str(node.name)
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name) and node.node.name in COMPONENTS:
        return str(node.attr)
    return ""
