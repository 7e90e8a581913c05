"""Arithmetic in network files: + - * / ^ ( ), log2(), numbers and names."""

import ast
import math
import operator

_BINARY = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_UNARY = {ast.UAdd: operator.pos, ast.USub: operator.neg}


def evaluate(text: str, names: dict[str, float]) -> float:
    """The value of an expression. ^ binds tightest and to the right, as Python's ** does. Nothing but arithmetic is
    looked at, so that a network file cannot make this program do anything else. Raises ValueError."""
    try:
        if "**" in text or "//" in text:
            raise ValueError("the operators are + - * / ^")
        result = _value(ast.parse(text.strip().replace("^", "**"), mode="eval").body, names)
    except (SyntaxError, ArithmeticError, ValueError) as error:
        raise ValueError(f"the expression '{text}' is not valid: {error}") from None
    if not math.isfinite(result):
        raise ValueError(f"the expression '{text}' is not finite")
    return result


def _value(node: ast.expr, names: dict[str, float]) -> float:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return float(node.value)
    if isinstance(node, ast.Name) and node.id in names:
        return names[node.id]
    if isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
        return _UNARY[type(node.op)](_value(node.operand, names))
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        result = _BINARY[type(node.op)](_value(node.left, names), _value(node.right, names))
        if isinstance(result, complex):
            raise ValueError("a root of a negative number")
        return result
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "log2":
        if len(node.args) == 1 and not node.keywords:
            return math.log2(_value(node.args[0], names))
    raise ValueError(f"'{ast.unparse(node)}' is not known")
