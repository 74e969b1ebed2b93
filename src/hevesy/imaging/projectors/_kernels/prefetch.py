"""A hint to the processor: fetch these numbers from memory while others are computed."""

from typing import Any

import numba
from numba.core import types
from numba.core.cgutils import ir
from numba.extending import intrinsic

# Numbers of four bytes in one line of a cache; where lines are longer, some hints are double, which costs little.
LINE = 16


@intrinsic  # type: ignore[untyped-decorator]
def _fetch(typing: Any, array: Any, index: Any) -> Any:
    """The line of the cache that holds element ``index`` of an array in C order, into the second level."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        address = builder.bitcast(builder.gep(data, [arguments[1]]), byte)
        hint = builder.module.declare_intrinsic("llvm.prefetch", [byte], ir.FunctionType(ir.VoidType(), [byte, word, word, word]))
        builder.call(hint, [address, word(0), word(2), word(1)])  # to read; second level; data
        return context.get_dummy_value()

    return types.void(array, index), generate


def _nothing(array: Any, index: int) -> None:
    """Without the compiler there is nothing to hint at."""


fetch = _nothing if numba.config.DISABLE_JIT else _fetch
